# what: leaves a process behind by forking twice
# ends: succeeded
# stopped by: end of the process namespace
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import time
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    os._exit(0)
os.wait()
