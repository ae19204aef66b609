# what: changes the task's data
# ends: succeeded
# stopped by: data is bound read-only
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
import shutil
for act in (lambda: open("input/test.csv", "w"), lambda: os.unlink("input/test.csv"),
            lambda: open("input/more.csv", "w"), lambda: os.rename("input/test.csv", "input/t.csv")):
    try:
        act()
        print("REACHED")
    except OSError:
        pass
shutil.rmtree("input", ignore_errors=True)
