# what: stops itself for ever
# ends: time limit
# stopped by: limit on time
# limits: wall=1
import os
import signal
os.kill(os.getpid(), signal.SIGSTOP)
