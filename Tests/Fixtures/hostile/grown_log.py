# what: makes its log a file of holes
# ends: output limit
# stopped by: limit on output
import os
import time
os.ftruncate(1, 32 << 20)
time.sleep(20)
