# what: fills memory with segments that no process has mapped
# ends: memory limit | exception PermissionError
# stopped by: limit on memory; where that is looked at, filter of system calls
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
size = 32 << 20
while True:
    segment = libc.shmget(0, size, 0o1600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    place = ctypes.c_void_p(libc.shmat(segment, None, 0))
    ctypes.memset(place, 1, size)
    libc.shmdt(place)
