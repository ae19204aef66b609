"""Checks of the launcher's parts that need no sandbox: `launcher_checks.py FOLDER` with the folder of the launcher's files."""

import errno
import os
import struct
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import filters
import gpu
import groups
import rooms
import shared
import tree


def verdict(machine, number, first=0, second=0, families=(1, 2), architecture=None, **more):
    """What a filter says to a call: a small interpreter of its instructions."""
    code = filters.program(machine, families, **more)
    steps = [struct.unpack("<HBBI", code[at:at + 8]) for at in range(0, len(code), 8)]
    seen = {0: number, 4: architecture or filters.ARCHITECTURES[machine], 16: first, 24: second}
    at, value = 0, None
    while True:
        kind, matched, otherwise, operand = steps[at]
        at += 1
        if kind == filters.LOAD:
            value = seen[operand]
        elif kind == filters.RETURN:
            return operand
        elif kind == filters.AND:
            value &= operand
        else:
            holds = {filters.EQUAL: value == operand, filters.AT_LEAST: value >= operand, filters.ANY_BIT: value & operand}[kind]
            at += matched if holds else otherwise


def check_filter():
    for machine, numbers in filters.NUMBERS.items():
        special = filters.SPECIAL[machine]
        for number in numbers.values():
            assert verdict(machine, number) == filters.REFUSE | errno.EPERM, (machine, number)
        assert verdict(machine, 5 if machine == "x86_64" else 63) == filters.ALLOW
        assert verdict(machine, special["clone"], 0x003D0F00) == filters.ALLOW  # a thread
        for flag in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
            assert verdict(machine, special["clone"], flag) == filters.REFUSE | errno.EPERM, flag
        assert verdict(machine, special["clone3"]) == filters.REFUSE | errno.ENOSYS
        assert verdict(machine, special["socket"], 1) == verdict(machine, special["socket"], 2) == filters.ALLOW
        for family in (10, 16, 17, 38, 40):
            assert verdict(machine, special["socket"], family) == filters.REFUSE | errno.EACCES
        assert verdict(machine, special["socket"], 2, families=(1,)) == filters.REFUSE | errno.EACCES
        assert verdict(machine, special["ioctl"], 0, 0x5412) == filters.REFUSE | errno.EPERM
        assert verdict(machine, special["ioctl"], 0, 0x5401) == filters.ALLOW
        assert verdict(machine, 1, architecture=0x40000003) == filters.KILL
        segments = filters.INTERPROCESS[machine]["shmget"]
        assert verdict(machine, segments) == filters.ALLOW
        assert verdict(machine, segments, is_counted=True) == filters.REFUSE | errno.EPERM
        check_second_tier(machine, special)
    assert verdict("x86_64", 0x40000000 | 101) == filters.REFUSE | errno.ENOSYS


def check_second_tier(machine, special):
    """Where the machine is shared, so are paths of sockets and the files of the worker's user."""
    shared = {"families": (), "shares_machine": True, "owns_files": True}
    assert verdict(machine, special["socket"], 1, **shared) == filters.REFUSE | errno.EACCES
    for kind, word in ((1, filters.ALLOW), (5 | 0x80000, filters.ALLOW), (2, filters.REFUSE | errno.EACCES), (3, filters.REFUSE | errno.EACCES)):
        assert verdict(machine, special["socketpair"], 1, kind, **shared) == word, kind
        assert verdict(machine, special["socketpair"], 1, kind) == filters.ALLOW
    for numbers, error in ((filters.INTERPROCESS, errno.EPERM), (filters.ATTRIBUTES, 0), (filters.FURTHER_ATTRIBUTES, errno.ENOTSUP)):
        for number in numbers[machine].values():
            assert verdict(machine, number, **shared) == filters.REFUSE | error, (machine, number)
            assert verdict(machine, number) == filters.ALLOW


def check_groups():
    """The second version of control groups, on files that look like it."""
    with tempfile.TemporaryDirectory() as root:
        for name in ("cgroup.controllers", "cgroup.subtree_control"):
            with open(f"{root}/{name}", "w", encoding="utf-8") as file:
                file.write("cpu memory pids\n")
        found = groups.Groups(root)
        assert found.kind == "v2", found.kind
        group = found.make("7", {"memory_bytes": 1000, "processes": 20, "cores": 3})
        folder = group.folders[""]

        def text(name):
            with open(f"{folder}/{name}", encoding="utf-8") as file:
                return file.read()

        assert (text("memory.max"), text("pids.max"), text("cpu.max")) == ("1000", "21", "300000 100000")
        with open(f"{folder}/memory.stat", "w", encoding="utf-8") as file:
            file.write("anon 500\nfile 9999\nshmem 30\n")
        with open(f"{folder}/memory.events", "w", encoding="utf-8") as file:
            file.write("low 0\noom 2\noom_kill 1\n")
        assert (group.resident(), group.memory_kills()) == (530, 1)
        group.take(17)
        assert text("cgroup.procs") == "17"


class Kernel:
    """What the kernel does with writes to the files of control groups of version 2, so far as `groups` uses it."""

    def __init__(self, root, service):
        self.service, self.proc = root + service, f"{root}/proc"
        os.makedirs(self.service, exist_ok=True)
        os.makedirs(f"{self.proc}/self")
        for folder in {root, self.service}:
            for name, text in (("controllers", "cpu memory pids"), ("subtree_control", ""), ("procs", "")):
                self.put(f"{folder}/cgroup.{name}", text)
        self.path(service)
        groups._write = self.write

    def path(self, path):
        self.put(f"{self.proc}/self/cgroup", f"0::{path or '/'}\n")

    def put(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def processes(self, folder):
        try:
            return groups._read(f"{folder}/cgroup.procs").split()
        except FileNotFoundError:
            return []

    def write(self, path, text):
        folder, name = os.path.split(path)
        if name == "cgroup.subtree_control":
            if self.processes(folder):
                raise OSError(errno.EBUSY, "busy")
            text = text.replace("+", "")
        if name == "cgroup.procs":
            for other, _, _ in os.walk(self.service):
                if text in self.processes(other):
                    self.put(f"{other}/cgroup.procs", "\n".join(set(self.processes(other)) - {text}))
            text = "\n".join([*self.processes(folder), text])
        self.put(path, text)


def check_nesting():
    """Each launcher of a worker makes its groups in the same place; at the top of a container as in a service's group."""
    for service in ("", "/system.slice/mlestar.service"):
        with tempfile.TemporaryDirectory() as root:
            imitated = Kernel(root, service)
            imitated.put(f"{imitated.service}/cgroup.procs", "10\n11\n")
            first = groups.Groups(root, imitated.proc)
            leaf = f"{imitated.service}/mlestar-worker"
            assert (first.kind, first.folders) == ("v2", {"": imitated.service}), (first.kind, first.folders)
            assert (imitated.processes(imitated.service), imitated.processes(leaf)) == ([], ["10", "11"])
            group = first.make("7", {"memory_bytes": 1000, "processes": 20, "cores": 3})
            group.take(11)
            imitated.path(f"{service}/mlestar-worker")  # where the worker and all it starts are now
            second = groups.Groups(root, imitated.proc)
            assert (second.kind, second.folders) == ("v2", first.folders), (second.kind, second.folders)
            assert group.processes() == [11] and imitated.processes(leaf) == ["10"]
            assert not os.path.exists(f"{leaf}/mlestar-worker")


def check_moving():
    """A process that another launcher has taken into the group of an attempt since it was listed stays there."""
    with tempfile.TemporaryDirectory() as root:
        imitated = Kernel(root, "")
        imitated.put(f"{root}/cgroup.procs", "10\n11\n")
        os.mkdir(f"{root}/mlestar-1-7")
        write = imitated.write

        def moving(path, text):
            write(path, text)
            if text == "10":
                write(f"{root}/mlestar-1-7/cgroup.procs", "11")

        groups._write = moving
        assert groups.Groups(root, imitated.proc).kind == "v2"
        assert imitated.processes(f"{root}/mlestar-1-7") == ["11"] and imitated.processes(f"{root}/mlestar-worker") == ["10"]


def check_room():
    spec = {
        "network": False, "temporary": "/t", "devices": ["/dev/nvidia0"], "readable": ["/opt/py/env"], "weights": "/w",
        "box": "/b", "input": "/i", "checkpoint": "/c", "shared_memory_bytes": 64,
    }
    words = " ".join(rooms.arguments(spec, "/etc-files"))
    for part in (
        "--unshare-net", "--dev-bind-try /dev/nvidia0 /dev/nvidia0", "--ro-bind-try /sys /sys", "--ro-bind /w /weights",
        "--ro-bind /i /job/input", "--bind /b /job", "--ro-bind /opt/py/env /opt/py/env", "--remount-ro /",
        "--perms 0755 --dir /opt/py", "--ro-bind /proc/sys /proc/sys", "--size 64 --tmpfs /dev/shm", "--clearenv",
    ):
        assert part in words, part
    assert "--unshare-net" not in rooms.arguments({**spec, "network": True}, "/e")


def check_counting():
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/a/b")
        with open(f"{folder}/a/b/file", "wb") as file:
            file.write(bytes(100_000))
        os.symlink("/usr", f"{folder}/link")
        total, entries = tree.used([folder], 100)
        assert entries == 4 and 100_000 <= total < 300_000, (total, entries)
        assert tree.used([folder], 2)[1] == 3


def check_shared_memory():
    """Whose files in shared memory are swept: a folder stands for it, and this process for a script."""
    for has_company, removed in ((True, {"held"}), (False, {"held", "closed"})):
        shared.has_company = lambda: has_company
        with tempfile.TemporaryDirectory() as folder:
            open(f"{folder}/earlier", "w", encoding="utf-8").close()
            watch = shared.SharedMemory(folder)
            open(f"{folder}/closed", "w", encoding="utf-8").close()  # another program's, perhaps
            with open(f"{folder}/held", "w", encoding="utf-8"):
                watch.look([os.getpid()])
            with open(f"{folder}/in use", "w", encoding="utf-8"):
                watch.sweep(None)
            assert set(os.listdir(folder)) == {"earlier", "closed", "held", "in use"} - removed, os.listdir(folder)
            watch.sweep(os.getuid() + 1)
            assert "earlier" in os.listdir(folder)
            os.makedirs(f"{folder}/a/b")
            os.symlink("/usr", f"{folder}/a/link")
            watch.sweep(os.getuid())  # as if it were the script's alone
            assert os.listdir(folder) == []


def check_gpu():
    assert gpu.parse("12, 100\n13, 7\nx, 9\n14, [N/A]\n", {"12", "14"}) == 100 << 20
    assert gpu.parse("13, 7\n14, [N/A]\n", {"12", "14"}) is None
    assert gpu.indices(["/dev/nvidiactl", "/dev/nvidia2", "/dev/nvidia13"]) == {"2", "13"}
    assert gpu.indices(["/dev/nvidia2", "/dev/nvidia-caps"]) == set(), "a part's memory is not told apart"
    answers = {"--query-compute-apps=pid,used_gpu_memory": "7, 50\n", "--query-gpu=index,memory.used": "0, 3\n2, 40\n"}
    gpu._ask = lambda program, words: answers[words[0]]
    for is_contained, processes, bytes_in_use in ((True, [8], 40 << 20), (True, [7], 50 << 20), (False, [8], 0)):
        gpu.is_contained, gpu._next = (lambda: is_contained), 0.0
        assert gpu.memory_in_use("nvidia-smi", processes, ["/dev/nvidia2"]) == bytes_in_use, (is_contained, processes)


for check in (check_filter, check_groups, check_nesting, check_moving, check_room, check_counting, check_shared_memory, check_gpu):
    check()
print("all well")
