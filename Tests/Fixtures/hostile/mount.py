# what: mounts, and changes the root
# ends: succeeded
# stopped by: no capability, filter of system calls
open("final/submission.csv", "w").write("id,p\n1,0.5\n")
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

import os
if libc.mount(b"none", b"working", b"tmpfs", 0, None) == 0:
    print("REACHED by mount")
if libc.umount2(b"/proc", 2) == 0 or libc.umount2(b"input", 2) == 0:
    print("REACHED by umount")
try:
    os.chroot("working")
    print("REACHED by chroot")
except OSError:
    pass
