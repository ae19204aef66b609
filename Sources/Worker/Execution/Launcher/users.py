"""The user a script runs as: where the worker may change users, one of its own that exists nowhere else."""

import os
import stat

import tree

INSIDE = 1000  # in a room
# Outside of it: a range that systemd, too, takes users from who live for a moment.
FIRST, COUNT = 61184, 4000
CAP_SYS_ADMIN = 21
# To hand folders over, to look into and delete what a script has closed, to kill, to change group and user.
FOR_CHANGING = (0, 1, 3, 5, 6, 7)
MOST_LOOKED_AT = 5000


class Unreadable(Exception):
    """The script's user could not read what it is given; says what to do."""


def _has_capabilities(numbers):
    with open("/proc/self/status", encoding="utf-8") as file:
        effective = next(line for line in file if line.startswith("CapEff:"))
    held = int(effective.split()[1], 16)
    return os.geteuid() == 0 and all(held >> number & 1 for number in numbers)


def is_privileged():
    """Whether this process may make namespaces without making a user namespace first."""
    return _has_capabilities((CAP_SYS_ADMIN,))


def has_own(spec):
    """Whether the script gets a user of its own: in a room always where the worker is root; in the second tier, which shows
    paths as they are, where another user can walk down to the job's folders, its data and its interpreter."""
    if spec["tier"] == "bubblewrap":
        return is_privileged()
    if spec["tier"] == "none" or not _has_capabilities(FOR_CHANGING):
        return False
    weights = [spec["weights"]] if spec.get("weights") else []
    paths = [spec["box"], spec["temporary"], spec["checkpoint"], spec["input"], *weights, *spec["readable"], spec["command"][0]]
    return all(_is_reachable(os.path.realpath(path)) for path in paths)


def _is_reachable(path):
    while (path := os.path.dirname(path)) != "/":
        if not os.stat(path).st_mode & stat.S_IXOTH:
            return False
    return True


def check_readable(spec):
    """What the script is given must be readable by all: data and weights, the first few thousand files of them, upper
    folders first; of further folders the first level, since an interpreter's files are many and were tried."""
    for path in [spec["input"], *([spec["weights"]] if spec.get("weights") else [])]:
        _check(path, MOST_LOOKED_AT)
    for path in spec["readable"]:
        _check(path, 0)


def _check(path, count):
    waiting, looked_at = [path], 0
    for place in waiting:  # grows
        if not _is_readable(place):
            raise Unreadable(f"{place} cannot be read by the script's user; run: chmod -R o+rX {path}")
        if not os.path.isdir(place) or (os.path.islink(place) and place != path):
            continue
        for entry in os.scandir(place):
            looked_at += 1
            if looked_at <= count and entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif (looked_at <= count or place == path) and not _is_readable(entry.path):
                raise Unreadable(f"{entry.path} cannot be read by the script's user; run: chmod -R o+rX {path}")


def _is_readable(place):
    try:
        mode = os.stat(place).st_mode
    except FileNotFoundError:
        return True  # a link that leads nowhere
    wanted = 0o5 if stat.S_ISDIR(mode) else 0o4
    return mode & wanted == wanted


def hand_over(folders, user):
    """Gives folders and what lies in them to a user; links are not followed."""
    for folder in folders:
        for here, _, _, names in tree.walk(folder):
            os.fchown(here, user, user)
            for name in names:
                os.chown(name, user, user, dir_fd=here, follow_symlinks=False)


def groups_of(devices):
    """The groups that devices belong to where those may use them and others may not; never that of root."""
    found = set()
    for path in devices:
        try:
            status = os.stat(path)
        except OSError:
            continue  # not on this machine
        if stat.S_ISCHR(status.st_mode) and status.st_mode & 0o066 == 0o060 and status.st_gid != 0:
            found.add(status.st_gid)
    return sorted(found)
