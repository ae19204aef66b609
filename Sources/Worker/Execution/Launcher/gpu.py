"""Memory that processes use on graphics processors, as `nvidia-smi` tells it."""

import subprocess
import time

EVERY_SECONDS = 5
COMMAND = ["--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits"]

_next = 0.0
_last = 0


def parse(text, processes):
    """Bytes used by some processes, from lines of "pid, MiB"."""
    total = 0
    for line in text.splitlines():
        pid, _, mebibytes = line.partition(",")
        if pid.strip().isdigit() and int(pid) in processes and mebibytes.strip().isdigit():
            total += int(mebibytes) << 20
    return total


def memory_in_use(program, processes):
    """Bytes in use now, as `nvidia-smi`, whose path is `program`, tells; asked every few seconds only."""
    global _next, _last
    now = time.monotonic()
    if now < _next:
        return _last
    _next = now + EVERY_SECONDS
    try:
        told = subprocess.run([program, *COMMAND], capture_output=True, text=True, timeout=2, check=False)
        _last = parse(told.stdout, processes)
    except (OSError, subprocess.SubprocessError):
        pass
    return _last
