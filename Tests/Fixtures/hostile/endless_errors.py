# what: prints to standard error without end
# ends: output limit
# stopped by: limit on output
import sys
while True:
    sys.stderr.write("x" * 1000)
