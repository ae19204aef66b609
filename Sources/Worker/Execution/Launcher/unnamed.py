"""Files without a name that processes hold open: those on a disk fill it though no folder shows them, those in memory fill that
though they are resident in no process."""

import os
import stat

MOST_DESCRIPTORS = 1 << 18  # of all processes of a script; to look at as many takes about a second


class Held:
    """What was found."""

    def __init__(self):
        self.bytes = {}  # on disk or in memory, by the number of the file system
        self.files = 0
        self.is_hidden = False  # whether a process does not let us see what it holds
        self.is_endless = False  # whether there are more descriptors than are looked at


def look(processes):
    """Deleted files that some processes hold open, each counted once."""
    held, files, count = Held(), {}, 0
    for pid in processes:
        folder = f"/proc/{pid}/fd"
        try:
            names = os.listdir(folder)
        except OSError as error:
            held.is_hidden |= isinstance(error, PermissionError)
            continue  # it has ended, or hides
        count += len(names)
        if count > MOST_DESCRIPTORS:
            held.is_endless = True
            break
        for name in names:
            try:
                found = os.stat(f"{folder}/{name}")
            except OSError as error:
                held.is_hidden |= isinstance(error, PermissionError)
                continue
            if found.st_nlink == 0 and stat.S_ISREG(found.st_mode):
                files[found.st_dev, found.st_ino] = found.st_blocks * 512
    for (device, _), size in files.items():
        held.bytes[device] = held.bytes.get(device, 0) + size
    held.files = len(files)
    return held


def look_as(user, processes):
    """The same as a script's own user: root in a container may have no right to look at other users' processes."""
    try:
        os.setegid(user)
        os.seteuid(user)
        return look(processes)
    finally:
        os.seteuid(0)
        os.setegid(0)


def in_memory(folder):
    """The number of the file system of files in memory that never had a name, and that of a folder in memory."""
    descriptor = os.memfd_create("none")
    try:
        numbers = [os.fstat(descriptor).st_dev]
    finally:
        os.close(descriptor)
    try:
        return [*numbers, os.stat(folder).st_dev]
    except OSError:
        return [*numbers, None]


def written(processes):
    """Bytes that some processes, and those that they have waited for, have sent to a disk, under whatever name."""
    total = 0
    for pid in processes:
        try:
            with open(f"/proc/{pid}/io", "rb") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(b"write_bytes:"))
        except OSError:
            pass
    return total
