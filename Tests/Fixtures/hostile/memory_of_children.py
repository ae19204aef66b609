# what: fills memory in its children, each below the limit
# ends: memory limit
# stopped by: limit on the memory of all processes
import os
import sys
import time
for _ in range(4):
    if os.fork() == 0:
        block = bytearray(100 << 20)
        time.sleep(30)
        os._exit(0)
sys.exit(1 if os.wait()[1] else 0)
