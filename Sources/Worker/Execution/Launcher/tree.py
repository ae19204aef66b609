"""The processes below this one, and what lies in a folder that a script has written to."""

import errno
import os
import resource
import signal
import time

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PATIENCE_SECONDS = 60  # with processes that were killed: one may wait for a disk or a device within the kernel
PLAIN_ROUNDS = 3
QUICK_ROUNDS = 200
STOPPING_ROUNDS = 20


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


def shared_bytes(processes):
    """Of what is resident in some processes, that which is of files or of memory they share: counted for each."""
    total = 0
    for pid in processes:
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:
                total += int(file.read().split()[2]) * PAGE
        except OSError:
            pass
    return total


def tasks(user):
    """Processes and threads of a user, of all programs, as the kernel's limit counts them."""
    count = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/status", "rb") as file:
                fields = dict(line.split(b":\t", 1) for line in file.read().splitlines() if b":\t" in line)
        except OSError:
            continue
        if int(fields[b"Uid"].split()[0]) == user:
            count += int(fields[b"Threads"])
    return count


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
    """Ends everything below this process; whether all of it is gone."""
    end, rounds = time.monotonic() + PATIENCE_SECONDS, 0
    while has_children():
        if time.monotonic() > end:
            return False
        if rounds < PLAIN_ROUNDS:
            _signal(descendants(), signal.SIGKILL)
        else:
            _signal(_at_rest(), signal.SIGKILL)
            _catch_up()
        reap()
        rounds += 1
        time.sleep(min(0.002 * rounds, 0.2))
    return True


def _at_rest():
    """Everything below this process, stopped. What outlives being killed a few times forks faster than it is found: those
    that stand still fork no more, and leave no room for others below the limit on processes."""
    stopped = set()
    for _ in range(STOPPING_ROUNDS):
        fresh = descendants().keys() - stopped
        if not fresh:
            break
        _signal(fresh, signal.SIGSTOP)
        stopped |= fresh
    return stopped


def _catch_up():
    """Ends orphans at once. One that forks and ends, again and again, is gone when all processes have been looked at; but each
    time it becomes a child of this process, which are told much sooner."""
    for _ in range(QUICK_ROUNDS):
        try:
            with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
                _signal([int(pid) for pid in file.read().split()], signal.SIGKILL)
        except OSError:
            return  # not every kernel has it


def _signal(processes, number):
    for pid in processes:
        try:
            os.kill(pid, number)
        except OSError:
            pass  # it has ended


def walk(top, leave=None):
    """Every folder from `top` on, upper ones first: an open descriptor, the path below `top` with a slash at its end, and
    what is in it, sorted: names of folders, and of everything else.

    Only one folder is open at a time, so that they may nest as deep as they like. Links are not followed; what cannot be opened
    is left out. `leave` is called for a folder below `top` when all below that has been seen: with its name, and the descriptor of
    the one above."""
    if (first := _next(iter([top]), None)) is None:
        return
    here, path, levels = first[0], "", []
    try:
        while True:
            folders, others = _names(here)
            yield here, path, folders, others
            levels.append((_identity(here), path, iter(folders)))
            while (below := _next(levels[-1][2], here)) is None:
                levels.pop()
                if not levels:
                    return
                here = _instead(here, os.open("..", FOLDER, dir_fd=here))
                if _identity(here) != levels[-1][0]:
                    return  # somebody moves it about
                if leave:
                    leave(path.split("/")[-2], here)
                path = levels[-1][1]
            here = _instead(here, below[0])
            path += f"{below[1]}/"
    finally:
        os.close(here)


def _names(here):
    with os.scandir(here) as listing:
        entries = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing)
    return [name for name, is_folder in entries if is_folder], [name for name, is_folder in entries if not is_folder]


def _identity(here):
    status = os.fstat(here)
    return status.st_dev, status.st_ino


def _next(names, here):
    """The first of some folders that can be opened, with its name."""
    for name in names:
        try:
            return os.open(name, FOLDER, dir_fd=here), name
        except PermissionError:
            if _open_up(name, here):
                return os.open(name, FOLDER, dir_fd=here), name
        except OSError:
            pass
    return None


def _instead(here, other):
    os.close(here)
    return other


def empty(folder, keep=()):
    """Deletes the files in a folder and below it, but for what is in the top level under a name to be kept: makes room on a
    full disk, where nothing can be made, so folders stay."""
    for here, path, _, names in walk(folder):
        for name in names:
            if (path or name).split("/")[0] not in keep:
                try:
                    os.unlink(name, dir_fd=here)
                except OSError:
                    pass


def remove(folder):
    """Deletes a folder that nobody uses any more, with everything in it, however deep; links are not followed."""
    for here, _, _, names in walk(folder, lambda name, above: os.rmdir(name, dir_fd=above)):
        for name in names:
            os.unlink(name, dir_fd=here)
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
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return total, entry_limit + 1  # nested too deep to be named
            continue  # gone while we looked, or no folder any more
        with listing:
            for entry in listing:
                entries += 1
                if entries > entry_limit:
                    return total, entries
                try:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                except OSError as error:
                    if error.errno == errno.ENAMETOOLONG:
                        return total, entry_limit + 1
    return total, entries


def _open_up(folder, above=None):
    """Makes a folder readable that its owner has closed; never follows a link."""
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY, dir_fd=above)
        try:
            os.chmod(f"/proc/self/fd/{descriptor}", 0o700)
        finally:
            os.close(descriptor)
        return os.access(folder, os.R_OK | os.X_OK, dir_fd=above)
    except OSError:
        return False
