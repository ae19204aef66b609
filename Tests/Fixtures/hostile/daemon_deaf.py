# what: leaves processes behind in sessions of their own that ignore signals
# ends: succeeded
# stopped by: end of the process namespace
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import signal
import time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        time.sleep(600)
        os._exit(0)
