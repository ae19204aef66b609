"""The room a script runs in: what it sees of the machine, made by bubblewrap, and how a process enters it."""

import fcntl
import json
import os
import select

import kernel
import users

INSIDE = "/job"
PATIENCE_SECONDS = 20
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu")
FOR_NETWORK = ("/etc/resolv.conf", "/etc/ssl/certs")
ACCOUNTS = {
    "passwd": "script:x:1000:1000::/job/working:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n",
    "group": "script:x:1000:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


class RoomError(Exception):
    """The room could not be made; says why."""


def arguments(spec, etc):
    """bubblewrap's arguments for a specification; `etc` is the folder with the files of `ACCOUNTS`."""
    words = ["--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "mlestar"]
    words += [] if spec["network"] else ["--unshare-net"]
    # With power over the machine the script gets a user of its own when it enters; else bubblewrap makes do with ours.
    words += [] if users.is_privileged() else ["--unshare-user", "--uid", str(users.INSIDE), "--gid", str(users.INSIDE)]
    words += ["--die-with-parent", "--cap-drop", "ALL", "--clearenv"]
    words += ["--bind", spec["temporary"], "/tmp"]  # before what may lie below it
    for path in _parents([*SETTINGS, "/etc/passwd", *spec["readable"], *spec["devices"]]):
        words += ["--perms", "0755", "--dir", path]
    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    for path in SETTINGS:
        words += ["--ro-bind-try", path, path]
    if spec["network"]:
        for path in FOR_NETWORK:
            words += ["--ro-bind-try", path, path]
    for name in ACCOUNTS:
        words += ["--ro-bind", f"{etc}/{name}", f"/etc/{name}"]
    # The settings of the kernel are the machine's, and belong to root even without any capability.
    words += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", str(spec["shared_memory_bytes"]), "--tmpfs", "/dev/shm"]
    for path in spec["devices"]:
        words += ["--dev-bind-try", path, path]
    if spec["devices"]:  # drivers look devices up here
        words += ["--ro-bind-try", "/sys", "/sys"]
    for path in spec["readable"]:
        words += ["--ro-bind", path, path]
    if spec.get("weights"):
        words += ["--ro-bind", spec.get("weights"), "/weights"]
    words += ["--bind", spec["box"], INSIDE]
    words += ["--ro-bind", spec["input"], f"{INSIDE}/input", "--bind", spec["checkpoint"], f"{INSIDE}/checkpoint"]
    # What bubblewrap has put up for itself must not be a place to write to.
    return words + ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", INSIDE]


def _parents(paths):
    """The folders above some paths, upper ones first, but for those that come with the system."""
    found = set()
    for path in paths:
        while (path := os.path.dirname(path)) != "/":
            found.add(path)
    return sorted(path for path in found if not f"{path}/".startswith(("/usr/", "/dev/", "/proc/")))


class Room:
    """A room with nobody in it but the process that keeps it open; everything in it ends with that process.

    It is begun at once and stands when `wait` returns."""

    def __init__(self, spec, etc):
        self.ready, told = os.pipe()
        held, self.holder = os.pipe()
        self.info, informed = os.pipe()
        self.errors = os.open(spec["room_log"], os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.set_inheritable(informed, True)
        # `cat` passes on the one word it is given, which says that the room stands, and then waits.
        told_words = os.memfd_create("arguments", 0)  # by a descriptor: a command line could be read inside
        os.write(told_words, b"".join(word.encode() + b"\0" for word in arguments(spec, etc)))
        os.lseek(told_words, 0, os.SEEK_SET)
        command = [
            spec["bubblewrap"], "--args", str(told_words), "--info-fd", str(informed), "--", "/usr/bin/cat",
        ]
        actions = [
            (os.POSIX_SPAWN_DUP2, held, 0), (os.POSIX_SPAWN_DUP2, told, 1), (os.POSIX_SPAWN_DUP2, self.errors, 2),
        ]
        os.write(self.holder, b"ready\n")
        self.process = os.posix_spawn(command[0], command, {}, file_actions=actions)
        for descriptor in (held, told, informed, told_words):
            os.close(descriptor)

    def wait(self):
        """The first process of the room, once it stands."""
        word = os.read(self.ready, 64) if select.select([self.ready], [], [], PATIENCE_SECONDS)[0] else b""
        if word != b"ready\n":
            os.lseek(self.errors, 0, os.SEEK_SET)
            raise RoomError(os.read(self.errors, 2000).decode(errors="replace").strip() or "bubblewrap ended early")
        return json.loads(os.read(self.info, 4096))["child-pid"]


def doors(first):
    """Descriptors of a room's namespaces, in the order to enter them; `first` is the first process in it."""

    def namespace(name):
        return os.open(f"/proc/{first}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)

    mount, inner = namespace("mnt"), namespace("user")
    # bubblewrap makes its mounts in one user namespace and may leave the script in another one below it.
    outer = fcntl.ioctl(mount, kernel.NS_GET_USERNS)
    ours, upper, lower = os.stat("/proc/self/ns/user").st_ino, os.fstat(outer).st_ino, os.fstat(inner).st_ino
    found = [outer] if upper != ours else []
    found += [mount, *(namespace(name) for name in ("pid", "net", "ipc", "uts"))]
    return found + ([inner] if lower not in (ours, upper) else [])


def enter(first):
    """Takes this process into a room; its children are in the room's process namespace."""
    for door in doors(first):
        kernel.setns(door)


def furnish(folder):
    """Writes the small files of `/etc`."""
    os.makedirs(folder, exist_ok=True)
    for name, text in ACCOUNTS.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
