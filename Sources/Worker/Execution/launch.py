"""Runs one script for a worker and leaves nothing behind.

    python -I -S launch.py

Started ahead of its script, to have the interpreter's start behind it. The worker holds the other end of standard input: the
first line names the script's specification, a JSON file; when the line closes, because the worker wants the script stopped or has
died, everything the script started is ended. Orphans of the script, also those in sessions of their own, become children of this
process and are ended with it. One line of JSON on standard output tells how the script ended.
"""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

SAMPLING_SECONDS = 0.2
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option, value):
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def start(spec, launcher):
    """Becomes the script: called in the forked child, does not return."""
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != launcher:  # the launcher died before the death signal was armed
        os._exit(1)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (spec["file_bytes"], spec["file_bytes"]))
    os.chdir(spec["folder"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(spec[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    os.closerange(3, 1024)
    os.execve(spec["command"][0], spec["command"], spec["environment"])


def processes():
    """The parent and resident bytes of every process."""
    page = resource.getpagesize()
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if fields[0] not in (b"Z", b"X"):
            found[int(name)] = (int(fields[1]), int(fields[21]) * page)
    return found


def descendants():
    """Every living process below this one, with its resident bytes."""
    everything = processes()
    below, fresh = {}, {os.getpid()}
    while fresh:
        fresh = {pid for pid, (parent, _) in everything.items() if parent in fresh} - below.keys()
        below.update({pid: everything[pid][1] for pid in fresh})
    return below


def kill_descendants():
    """Ends everything below this process; what forks meanwhile is found in the next round."""
    for _ in range(200):
        if not has_children():
            return
        living = descendants()
        for pid in living:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        time.sleep(0.005)
    reap()


def reap():
    """Collects ended children; the exit status of each by process id."""
    ended = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def has_children():
    """Whether anything is left below this process: orphans become its children, so no child means no descendant."""
    reap()
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def output_bytes(spec):
    total = 0
    for name in ("stdout", "stderr"):
        try:
            total += os.stat(spec[name]).st_size
        except FileNotFoundError:
            pass
    return total


def broken_limit(spec, began, resident):
    if time.monotonic() - began >= spec["wall_seconds"]:
        return "timeout"
    if resident > spec["memory_bytes"]:
        return "memory"
    if output_bytes(spec) > spec["output_bytes"]:
        return "output"
    return None


def watch(spec, child, wakeup):
    """Waits until the script has ended or must be ended: the reason, its exit status and the peak of resident bytes."""
    began, peak = time.monotonic(), 0
    next_sample = began + SAMPLING_SECONDS
    inputs = [0, wakeup]
    while True:
        left = spec["wall_seconds"] - (time.monotonic() - began)
        ready, _, _ = select.select(inputs, [], [], max(0.0, min(SAMPLING_SECONDS, left)))
        if wakeup in ready:
            os.read(wakeup, 4096)
        ended = reap()
        if child in ended:
            return "ended", ended[child], peak
        if 0 in ready:
            return "cancelled", None, peak
        now = time.monotonic()
        if now >= next_sample or left <= 0:
            next_sample = now + SAMPLING_SECONDS
            resident = sum(descendants().values())
            peak = max(peak, resident)
            reason = broken_limit(spec, began, resident)
            if reason:
                return reason, None, peak


def stop(spec, child):
    """TERM to the script's group, a moment to write things down, then KILL to everything."""
    try:
        os.killpg(child, signal.SIGTERM)
    except ProcessLookupError:
        pass
    until = time.monotonic() + spec["grace_seconds"]
    while time.monotonic() < until and child not in reap():
        time.sleep(0.01)


def read_line():
    """The first line of standard input, unbuffered: what comes after it is for `watch` to see."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return ""
        line += byte
    return line.decode().rstrip("\n")


def main():
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    path = read_line()
    if not path:  # the worker ended, or has no script for us
        return
    with open(path, encoding="utf-8") as file:
        spec = json.load(file)
    wakeup, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    began = time.monotonic()
    launcher = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            start(spec, launcher)
        except BaseException as error:  # the script never began: say why where the worker looks
            os.write(2, f"launch: {error}\n".encode())
        finally:
            os._exit(127)
    reason, status, peak = watch(spec, child, wakeup)
    wall = time.monotonic() - began
    if reason != "ended":
        stop(spec, child)
    kill_descendants()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    ending = {
        "reason": reason,
        "exit_code": os.WEXITSTATUS(status) if status is not None and os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else None,
        "wall_seconds": wall,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_memory_bytes": max(peak, used.ru_maxrss * 1024),
    }
    print(json.dumps(ending), flush=True)


main()
