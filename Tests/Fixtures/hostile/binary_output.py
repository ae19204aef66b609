# what: prints bytes that are no text
# ends: succeeded
# stopped by: logs are read as bytes
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import sys
sys.stdout.buffer.write(bytes(range(256)) * 20 + b"\xff\xfe\x00")
