# what: opens files without end
# ends: exception OSError
# stopped by: limit on descriptors
import os
while True:
    os.open("/dev/null", os.O_RDONLY)
