# what: kills its parent, process 1 and everything it can
# ends: succeeded | killed by signal 9
# stopped by: process namespace: it reaches its own room at most
# tier: bubblewrap
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import signal
for process in (os.getppid(), 1, 2, -1):
    if process != 0:
        try:
            os.kill(process, signal.SIGKILL)
        except OSError:
            pass
