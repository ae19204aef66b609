# what: kills its process group
# ends: killed by signal 9
# stopped by: a session of its own
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import signal
os.killpg(0, signal.SIGKILL)
