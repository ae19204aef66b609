# what: holds empty files without end that have no name any more
# ends: disk limit
# stopped by: limit on the number of files, which counts what is held open
import os
import time

held = []
for _ in range(4000):
    held.append(open("working/file", "w"))
    os.unlink("working/file")
time.sleep(60)
