# what: looks for what other jobs have written
# ends: succeeded
# stopped by: its room holds one job
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
for top in ("/tmp", "/job", "/root", "/home", "/var", "/work", os.path.abspath("../..")):
    for folder, _, files in os.walk(top):
        if "treasure" in files:
            print("REACHED", folder)
