# what: starts processes without end and swallows the errors
# ends: time limit | memory limit
# stopped by: limit on processes; end of the namespace
# limits: wall=2
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
