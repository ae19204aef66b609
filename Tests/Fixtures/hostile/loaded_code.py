# what: loads machine code from its own folder and from memory
# ends: succeeded
# stopped by: it may: code is contained like Python is
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import ctypes
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b"\xb8\x2a\x00\x00\x00\xc3" if __import__("platform").machine() == "x86_64" else b"\x40\x05\x80\x52\xc0\x03\x5f\xd6")
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
