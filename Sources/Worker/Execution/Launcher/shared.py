"""What a script leaves in /dev/shm where that is the machine's: in the second tier, and without a sandbox."""

import os
import re

import tree

FOLDER = "/dev/shm"


class SharedMemory:
    """Watches what of the machine's shared memory is a script's, and removes that; made before the script begins.

    A user that is the script's alone owns all of it. Where the script runs as the worker's user, other programs of that user
    make files there, too. What came since and nobody holds is the script's if it has its user to itself; else only what a
    process of the script was seen to hold is.
    """

    def __init__(self, folder=FOLDER):
        self.folder = folder
        self.earlier = {entry.inode() for entry in self._entries()}
        self.seen = set()  # inodes of entries at the top of the folder
        self.has_company = has_company()
        self.pattern = re.compile(re.escape(folder.encode()) + rb"/([^/\n]+)")

    def _entries(self):
        try:
            return list(os.scandir(self.folder))
        except OSError:
            return []

    def look(self, processes):
        """Takes down what some processes hold now."""
        self.seen |= self._held(processes)

    def _held(self, processes):
        names, inodes = set(), set()
        for pid in processes:
            try:
                with open(f"/proc/{pid}/maps", "rb") as file:
                    names.update(self.pattern.findall(file.read()))
                for number in os.listdir(f"/proc/{pid}/fd"):
                    names.update(self.pattern.findall(os.readlink(f"/proc/{pid}/fd/{number}").encode()))
            except OSError:
                pass  # it ended while we looked, or is not ours
        for name in names:
            try:
                inodes.add(os.lstat(os.path.join(self.folder.encode(), name)).st_ino)
            except OSError:
                pass  # it has no name any more
        return inodes

    def used(self, user):
        """Bytes in files that are the script's, as far as is known: its user's, or what its processes were seen to hold."""
        total = 0
        for entry in self._entries():
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone while we looked
            if status.st_uid == user or (user is None and status.st_ino in self.seen - self.earlier):
                total += status.st_blocks * 512
        return total

    def sweep(self, user):
        """Removes what is the script's, when its processes have ended; `user` is its own, or `None`."""
        entries = self._entries()
        if user is None:
            candidates = self.seen
            if not self.has_company and not has_company():
                candidates = {entry.inode() for entry in entries}
            ours = candidates - self.earlier - self._held(tree.processes())
        for entry in entries:
            try:
                owner = entry.stat(follow_symlinks=False).st_uid
                if owner == user or (user is None and owner == os.getuid() and entry.inode() in ours):
                    tree.remove(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
            except OSError:
                pass


def has_company():
    """Whether a program of our user runs that is neither of this worker's own nor of this attempt: another script counts."""
    everything = tree.processes()
    launcher = os.getppid()
    worker = everything.get(launcher, (0,))[0]
    above_us = _line(os.getpid(), everything)
    for pid in everything:
        line = _line(pid, everything)
        if pid in above_us or os.getpid() in line or not _is_ours(pid):
            continue
        # Below the launcher come supervisors, their entrants, and only then scripts.
        if launcher in line and line.index(launcher) >= 3:
            return True
        if worker not in line:
            return True
    return False


def _line(pid, everything):
    """A process, its parent, and so on."""
    line = []
    while pid in everything and pid not in line:
        line.append(pid)
        pid = everything[pid][0]
    return line


def _is_ours(pid):
    try:
        return os.stat(f"/proc/{pid}").st_uid == os.getuid()
    except OSError:
        return False
