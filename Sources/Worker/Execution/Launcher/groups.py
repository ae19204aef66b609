"""Control groups: hard limits on the memory, processes and processor share of one attempt."""

import errno
import os

ROOT = "/sys/fs/cgroup"
PREFIX = "mlestar-"
LEAF = PREFIX + "worker"  # where processes of a worker go that stand in the way of groups beside them
ROUNDS = 10


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def _fields(text):
    return dict(line.split(None, 1) for line in text.splitlines() if " " in line)


def _paths(file):
    """The groups a process is in, by controller; the empty name stands for version 2."""
    found = {}
    for line in _read(file).splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _below(mount, path):
    """Where new groups can be made: below our own one, else at the top of what we see."""
    for folder in (mount + path.rstrip("/"), mount):
        if os.path.isdir(folder) and os.access(folder, os.W_OK):
            return folder
    return None


def _move(process, folder):
    try:
        _write(f"{folder}/cgroup.procs", process)
    except ProcessLookupError:
        pass  # it has ended


class Groups:
    """Where groups are made on this machine; `kind` is "v2", "v1" or "none"."""

    def __init__(self, root=ROOT, processes="/proc"):
        self.kind, self.folders, self.owner, self.processes = "none", {}, os.getpid(), processes
        try:
            own = _paths(f"{processes}/self/cgroup")
        except OSError:
            return
        if os.path.exists(f"{root}/cgroup.controllers"):
            # An earlier launcher of this worker may have moved it: groups are made where that one makes them.
            self._use_unified(_below(root, own.get("", "/").removesuffix(f"/{LEAF}")))
        if self.kind == "none":
            self._use_separate(root, own)

    def _use_unified(self, folder):
        if folder is None:
            return
        try:
            available = set(_read(f"{folder}/cgroup.controllers").split())
            if not {"memory", "pids"} <= available:
                return
            self._hand_on(folder, [name for name in ("memory", "pids", "cpu") if name in available])
            self.kind, self.folders = "v2", {"": folder}
        except OSError:
            pass

    def _hand_on(self, folder, controllers):
        """Lets the groups below a group have controllers.

        One with processes in it cannot: those move into a group of their own. Another launcher may do the same, and take
        processes into groups of attempts meanwhile: from there none must be moved back."""
        for _ in range(ROUNDS):
            if {"memory", "pids"} <= set(_read(f"{folder}/cgroup.subtree_control").split()):
                return
            try:
                _write(f"{folder}/cgroup.subtree_control", " ".join(f"+{name}" for name in controllers))
                return
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
            os.makedirs(f"{folder}/{LEAF}", exist_ok=True)
            for process in _read(f"{folder}/cgroup.procs").split():
                if process in _read(f"{folder}/cgroup.procs").split():
                    _move(process, f"{folder}/{LEAF}")
        raise OSError(errno.EBUSY, "processes come faster than they can be moved")

    def _use_separate(self, root, own):
        for controller in ("memory", "pids", "cpu", "cpuacct"):
            if (folder := _below(f"{root}/{controller}", own.get(controller, "/"))) is not None:
                self.folders[controller] = folder
        if {"memory", "pids"} <= self.folders.keys():
            self.kind = "v1"
        else:
            self.folders = {}

    def make(self, name, limits):
        """A group for one attempt, or `None` where there are none."""
        if self.kind == "none":
            return None
        try:
            return Group(self, f"{PREFIX}{self.owner}-{name}", limits)
        except OSError:
            return None

    def sweep(self):
        """Removes groups whose launcher is no more: it was killed before it could."""
        for folder in self.folders.values():
            for name in os.listdir(folder):
                owner = name.removeprefix(PREFIX).partition("-")[0]
                if name.startswith(PREFIX) and owner.isdigit() and not os.path.exists(f"{self.processes}/{owner}"):
                    _remove(f"{folder}/{name}")


def _remove(folder):
    try:
        os.rmdir(folder)
    except OSError:
        pass  # processes of another worker are in it, or it is gone


class Group:
    """The group of one attempt."""

    def __init__(self, groups, name, limits):
        self.kind = groups.kind
        self.folders = {controller: f"{folder}/{name}" for controller, folder in groups.folders.items()}
        for folder in self.folders.values():
            os.makedirs(folder, exist_ok=True)
        memory, processes, cores = limits["memory_bytes"], limits["processes"] + 1, limits["cores"]  # 1: who waits for it
        if self.kind == "v2":
            _write(f"{self.folders['']}/memory.max", str(memory))
            _write(f"{self.folders['']}/pids.max", str(processes))
            self._wish("", "memory.swap.max", "0")
            self._wish("", "cpu.max", f"{cores * 100_000} 100000")
        else:
            _write(f"{self.folders['memory']}/memory.limit_in_bytes", str(memory))
            _write(f"{self.folders['pids']}/pids.max", str(processes))
            self._wish("memory", "memory.memsw.limit_in_bytes", str(memory))
            self._wish("cpu", "cpu.cfs_period_us", "100000")
            self._wish("cpu", "cpu.cfs_quota_us", str(cores * 100_000))

    def take(self, entrant):
        """Moves in the process that is to start the script: what it starts is in the group from its beginning.

        The kernel takes some ten milliseconds for it, so it is done while the room is made, not by the script's process."""
        for folder in self.folders.values():
            _write(f"{folder}/cgroup.procs", str(entrant))

    def _wish(self, controller, name, text):
        """A limit that not every kernel offers."""
        try:
            _write(f"{self.folders[controller]}/{name}", text)
        except (OSError, KeyError):
            pass

    def resident(self):
        """Bytes of memory in use, without what the kernel caches of files."""
        try:
            if self.kind == "v2":
                fields = _fields(_read(f"{self.folders['']}/memory.stat"))
                return int(fields["anon"]) + int(fields.get("shmem", 0))
            fields = _fields(_read(f"{self.folders['memory']}/memory.stat"))
            return int(fields["total_rss"]) + int(fields.get("total_shmem", 0))
        except (OSError, KeyError):
            return 0

    def processor_seconds(self):
        """Processor time used so far; `None` where it is not counted."""
        try:
            if self.kind == "v2":
                return int(_fields(_read(f"{self.folders['']}/cpu.stat"))["usage_usec"]) / 1e6
            return int(_read(f"{self.folders['cpuacct']}/cpuacct.usage")) / 1e9
        except (OSError, KeyError):
            return None

    def memory_kills(self):
        """Processes that the kernel has ended for want of memory within the limit."""
        try:
            if self.kind == "v2":
                return int(_fields(_read(f"{self.folders['']}/memory.events"))["oom_kill"])
            return int(_fields(_read(f"{self.folders['memory']}/memory.oom_control"))["oom_kill"])
        except (OSError, KeyError):
            return 0

    def processes(self):
        folder = self.folders.get("", self.folders.get("pids"))
        try:
            return [int(line) for line in _read(f"{folder}/cgroup.procs").split()]
        except OSError:
            return []

    def remove(self):
        for folder in self.folders.values():
            _remove(folder)
