# what: leaves folders that nobody may open, and files with odd names
# ends: succeeded
# stopped by: opened up before they are deleted
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import os
for name in (b"a\nb", b"\xff\xfe", b"-rf", "…".encode()):
    os.makedirs(b"working/" + name + b"/inner")
    open(b"working/" + name + b"/inner/file", "w").close()
    os.chmod(b"working/" + name + b"/inner", 0)
    os.chmod(b"working/" + name, 0)
os.chmod("working", 0)
