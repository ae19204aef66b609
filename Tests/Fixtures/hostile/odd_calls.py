# what: makes system calls that have had holes
# ends: succeeded
# stopped by: filter of system calls
open("final/submission.csv", "w").write("id,p\n1,0.5\n")
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

import platform
numbers = {"x86_64": (321, 298, 323, 250, 425, 304, 310, 175, 246, 428, 438)}.get(platform.machine(), ())
for number in numbers:
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (1, 38):
        print("REACHED", number, ctypes.get_errno())
