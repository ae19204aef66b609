# what: hands in a device
# ends: no submission
# stopped by: no capability; file system without devices
import os
import stat
for kind in (stat.S_IFCHR, stat.S_IFBLK):
    try:
        os.mknod("final/submission.csv", kind | 0o666, os.makedev(1, 5))
        print("REACHED")
    except OSError:
        pass
