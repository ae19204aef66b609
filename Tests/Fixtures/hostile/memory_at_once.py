# what: asks for a petabyte
# ends: memory limit
# stopped by: the kernel; told by MemoryError
block = bytearray(1 << 50)
