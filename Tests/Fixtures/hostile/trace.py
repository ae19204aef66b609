# what: traces another process and reads its memory
# ends: succeeded
# stopped by: filter of system calls
open("final/submission.csv", "w").write("id,p\n1,0.5\n")
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

import os
if libc.ptrace(16, os.getppid() or 1, 0, 0) == 0:
    print("REACHED by ptrace")
try:
    open(f"/proc/{os.getppid() or 1}/mem", "rb").read(1)
    print("REACHED memory")
except OSError:
    pass
buffer = ctypes.create_string_buffer(8)
if libc.process_vm_readv(os.getppid() or 1, None, 0, None, 0, 0) == 0:
    print("REACHED by readv")
