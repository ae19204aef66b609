# what: looks for what other jobs have written
# ends: succeeded
# stopped by: its room holds one job
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
for top in ("/tmp", "/job", "/root", "/home", "/var", os.path.abspath("../..")):
    for folder, folders, files in os.walk(top):
        if folder == "/":
            folders[:] = [name for name in folders if name not in ("proc", "sys", "usr")]
        if "treasure" in files:
            print("REACHED", folder)
