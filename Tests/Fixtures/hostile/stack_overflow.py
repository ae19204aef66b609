# what: recurses in C until the stack ends
# ends: killed by signal 11
# stopped by: the kernel
import ctypes
import sys
sys.setrecursionlimit(1 << 30)
ctypes.string_at(0)
