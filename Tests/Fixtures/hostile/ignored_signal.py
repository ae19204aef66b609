# what: ignores the polite signal
# ends: time limit
# stopped by: KILL to all of the namespace
# limits: wall=1
import signal
import time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    time.sleep(60)
