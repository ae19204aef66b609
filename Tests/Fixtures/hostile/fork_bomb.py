# what: starts processes without end
# ends: exception BlockingIOError | memory limit
# stopped by: limit on processes
import os
import time

first = os.getpid()
while True:
    try:
        os.fork()
    except BlockingIOError:
        if os.getpid() == first:
            raise
        time.sleep(60)  # one report is enough: those of many processes are written into each other
