"""What a script left in ./model, packed."""

import os
import stat

import tree

MOST_PACKED = 32  # times the limit: what shrinks more, to read it would take too long, is holes


class TooLarge(Exception):
    """The archive would be larger than allowed."""


class Bounded:
    """A file that takes so many bytes and no more."""

    def __init__(self, file, limit):
        self.file, self.left = file, limit

    def write(self, piece):
        self.left -= len(piece)
        if self.left < 0:
            raise TooLarge
        return self.file.write(piece)


def pack(folder, target, limit):
    """Writes the plain files below `folder` into the archive `target`, the same bytes for the same files.

    Links, devices and the like are left out. Nothing is left when there is no file, the disk is full, or the archive would be
    larger than `limit` bytes.
    """
    import gzip  # seldom needed, and slow to import
    import tarfile

    try:
        with open(target, "wb") as file:
            with gzip.GzipFile(fileobj=Bounded(file, limit), mode="wb", filename="", compresslevel=1, mtime=0) as packed:
                with tarfile.open(fileobj=packed, mode="w|") as archive:
                    count = _add_all(archive, folder, MOST_PACKED * limit)
    except (TooLarge, OSError):
        count = 0
    if count == 0 and os.path.exists(target):
        os.unlink(target)


def _add_all(archive, folder, left):
    count = 0
    for here, path, _, names in tree.walk(folder):
        for name in names:
            if stat.S_ISREG(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                left -= _add(archive, here, name, path, left)
                count += 1
    return count


def _add(archive, here, name, path, most):
    """Adds a file; its size."""
    import tarfile

    with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here), "rb") as file:
        entry = tarfile.TarInfo(path + name)
        entry.size = os.fstat(file.fileno()).st_size
        if entry.size > most:
            raise TooLarge
        archive.addfile(entry, file)
    return entry.size
