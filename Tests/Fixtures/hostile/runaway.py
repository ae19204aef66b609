# what: leaves processes behind that fork and end, again and again, each too short-lived to be found
# ends: succeeded
# stopped by: end of the process namespace; second tier: orphans become children of the supervisor
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import time

end = time.monotonic() + 60
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        while time.monotonic() < end:
            try:
                if os.fork():
                    os._exit(0)
            except BlockingIOError:
                pass
        os._exit(0)
