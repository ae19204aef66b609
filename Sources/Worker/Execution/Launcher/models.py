"""What a script left in ./model, packed."""

import os
import stat


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

    Links, devices and the like are left out. Nothing is written when there is no file, or the archive would be larger than
    `limit` bytes.
    """
    import gzip  # seldom needed, and slow to import
    import tarfile

    try:
        with open(target, "wb") as file:
            with gzip.GzipFile(fileobj=Bounded(file, limit), mode="wb", filename="", compresslevel=1, mtime=0) as packed:
                with tarfile.open(fileobj=packed, mode="w|") as archive:
                    count = sum(_add(archive, path, name) for path, name in _plain_files(folder))
    except (TooLarge, OSError):
        count = 0
    if count == 0:
        os.unlink(target)


def _plain_files(folder):
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += [(path, os.path.relpath(path, folder)) for path in (f"{place}/{name}" for name in sorted(names))]
    return [(path, name) for path, name in found if stat.S_ISREG(os.lstat(path).st_mode)]


def _add(archive, path, name):
    import tarfile

    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size = os.fstat(file.fileno()).st_size
        archive.addfile(entry, file)
    return 1
