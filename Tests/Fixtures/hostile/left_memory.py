# what: leaves memory segments, semaphores, queues, files and folders in shared memory behind
# ends: succeeded
# stopped by: namespace for them; second tier: filter of system calls, Landlock, /dev/shm is swept
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import ctypes
import multiprocessing
import os

libc = ctypes.CDLL(None)
name = "mlestar-left-" + os.environ["MLESTAR_SEED"]
for make in (lambda: libc.shmget(0x6D4C, 4096, 0o1666), lambda: libc.semget(0x6D4C, 1, 0o1666), lambda: libc.msgget(0x6D4C, 0o1666),
             lambda: libc.mq_open(b"/mlestar-left", os.O_CREAT | os.O_RDWR, 0o600, None)):
    make()
try:
    os.makedirs(f"/dev/shm/{name}-folder/deep")
    open(f"/dev/shm/{name}-folder/deep/file", "w").write("x")
except OSError:
    pass
held = open(f"/dev/shm/{name}-file", "w")
held.write("x")
held.flush()
with multiprocessing.get_context("fork").Pool(2) as pool:  # needs semaphores, which are files there
    assert pool.map(abs, [-1, -2]) == [1, 2]
import time
time.sleep(0.5)
