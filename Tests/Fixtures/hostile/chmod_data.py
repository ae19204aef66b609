# what: changes modes and times of the task's data
# ends: succeeded
# stopped by: data is bound read-only and is not its own
# tier: bubblewrap
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
for act in (lambda: os.chmod("input/test.csv", 0o777), lambda: os.utime("input/test.csv", (0, 0)), lambda: os.chmod("input", 0o777)):
    try:
        act()
        print("REACHED")
    except OSError:
        pass
