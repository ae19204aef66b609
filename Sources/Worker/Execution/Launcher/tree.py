"""The processes below this one, and what lies in a folder that a script has written to."""

import os
import resource
import signal
import stat
import time

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")


def processes():
    """Parent, resident bytes and processor seconds of every living process."""
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
            seconds = (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / TICKS
            found[int(name)] = (int(fields[1]), int(fields[21]) * PAGE, seconds)
    return found


def descendants():
    """Every living process below this one, with its resident bytes and processor seconds."""
    everything = processes()
    below, fresh = {}, {os.getpid()}
    while fresh:
        fresh = {pid for pid, (parent, _, _) in everything.items() if parent in fresh} - below.keys()
        below.update({pid: everything[pid][1:] for pid in fresh})
    return below


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


def kill_descendants():
    """Ends everything below this process; what forks meanwhile is found in the next round."""
    for _ in range(400):
        if not has_children():
            return
        for pid in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        time.sleep(0.002)
    reap()


def remove(folder):
    """Deletes a folder with everything in it; links are not followed."""
    for _, folders, files, here in os.fwalk(folder, topdown=False):
        for name in files:
            os.unlink(name, dir_fd=here)
        for name in folders:
            is_link = stat.S_ISLNK(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode)
            os.unlink(name, dir_fd=here) if is_link else os.rmdir(name, dir_fd=here)
    os.rmdir(folder)


def used(folders, entry_limit):
    """Bytes on disk and number of entries in some folders; counting ends at the limit of entries."""
    total, entries, waiting = 0, 0, list(folders)
    while waiting:
        folder = waiting.pop()
        try:
            listing = os.scandir(folder)
        except PermissionError:
            if not _open_up(folder):
                continue
            waiting.append(folder)
            continue
        except FileNotFoundError:
            continue  # gone while we looked
        except OSError:
            return total, entry_limit + 1  # nested too deep to be named
        with listing:
            for entry in listing:
                entries += 1
                if entries > entry_limit:
                    return total, entries
                try:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                except OSError:
                    pass
    return total, entries


def _open_up(folder):
    """Makes a folder readable that its owner has closed; never follows a link."""
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY)
        try:
            os.chmod(f"/proc/self/fd/{descriptor}", 0o700)
        finally:
            os.close(descriptor)
        return os.access(folder, os.R_OK | os.X_OK)
    except OSError:
        return False
