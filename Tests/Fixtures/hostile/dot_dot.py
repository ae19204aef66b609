# what: writes above its folder
# ends: succeeded
# stopped by: above its folder nothing can be written
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
for path in ("../escaped", "../../escaped", "../../../escaped", "/escaped", "final/../../escaped"):
    try:
        open(path, "w").write("x")
        print("REACHED", path)
    except OSError:
        pass
