# what: fills the disk with files that have no name any more
# ends: disk limit
# stopped by: limit on disk, which counts what is held open
import os

held = []
while True:
    held.append(open("working/block", "wb"))
    os.unlink("working/block")
    for _ in range(8):
        held[-1].write(bytes(1 << 20))
