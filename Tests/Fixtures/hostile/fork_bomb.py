# what: starts processes without end
# ends: exception BlockingIOError | memory limit
# stopped by: limit on processes
import os
while True:
    os.fork()
