# what: sets the clock and the machine's name
# ends: succeeded
# stopped by: filter of system calls
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import socket
import time
for act in (lambda: time.clock_settime(time.CLOCK_REALTIME, 0), lambda: socket.sethostname("evil")):
    try:
        act()
        print("REACHED")
    except OSError:
        pass
