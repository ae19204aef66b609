"""Memory that processes use on graphics processors, as `nvidia-smi` tells it."""

import os
import subprocess
import time

EVERY_SECONDS = 5
OF_PROCESSES = ["--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits"]
OF_DEVICES = ["--query-gpu=index,memory.used", "--format=csv,noheader,nounits"]
FIRST_NAMESPACE = 0xEFFFFFFC  # the number of the process namespace that is not in another one

_next = 0.0
_last = 0


def parse(text, names):
    """Bytes that lines of "name, MiB" tell of some names; `None` where they tell of none."""
    found = None
    for line in text.splitlines():
        name, _, mebibytes = line.partition(",")
        if name.strip() in names and mebibytes.strip().isdigit():
            found = (found or 0) + (int(mebibytes) << 20)
    return found


def memory_in_use(program, processes, devices):
    """Bytes in use now, as `nvidia-smi`, whose path is `program`, tells; asked every few seconds only.

    `devices` are the script's device files, which no other script has."""
    global _next, _last
    now = time.monotonic()
    if now < _next:
        return _last
    _next = now + EVERY_SECONDS
    try:
        found = parse(_ask(program, OF_PROCESSES), {str(pid) for pid in processes})
        # In a container, processes have other names outside or are not told of at all.
        if found is None and is_contained() and (names := indices(devices)):
            found = parse(_ask(program, OF_DEVICES), names)
        _last = found or 0
    except (OSError, subprocess.SubprocessError):
        pass
    return _last


def _ask(program, words):
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=2, check=False).stdout


def is_contained():
    """Whether this is a process namespace within another."""
    return os.stat("/proc/self/ns/pid").st_ino != FIRST_NAMESPACE


def indices(devices):
    """The names of whole processors; a part of one shares its memory with scripts on other parts."""
    if "/dev/nvidia-caps" in devices:
        return set()
    return {path.removeprefix("/dev/nvidia") for path in devices if path.removeprefix("/dev/nvidia").isdigit()}
