# what: fills memory with files that never had a name, which no process has resident
# ends: memory limit
# stopped by: limit on memory, which counts what is held open
import os

while True:
    block = os.memfd_create("block")
    for _ in range(32):
        os.write(block, bytes(1 << 20))
