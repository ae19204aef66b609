# what: nests folders deeper than a path can name
# ends: disk limit | succeeded
# stopped by: deleted level by level
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import time
os.chdir("working")
for _ in range(1500):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
time.sleep(0.5)
