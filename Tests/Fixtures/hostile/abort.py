# what: dumps core
# ends: killed by signal 6
# stopped by: no core files
import os
os.abort()
