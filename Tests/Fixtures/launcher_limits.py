"""Checks of what the launcher counts, walks and ends: `launcher_limits.py FOLDER` with the folder of the launcher's files.

What takes root is checked only by root."""

import ctypes
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, sys.argv[1])
import attempt
import kernel
import models
import tree
import unnamed
import users
import watches

IS_ROOT = os.geteuid() == 0
USER = 61184
DEEP, NAME = 120, "d" * 40  # folders within each other: more than a path can name
CALLS = 110  # within each other, fewer than that
CAP_SYS_PTRACE = 19
CLONE_NEWNS = 0x20000


def in_child(work):
    """Does something in a process of its own; fails if that fails."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, work


def make_deep(folder):
    """Folders within each other, a file in the last one."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir(NAME, dir_fd=here)
        below = os.open(NAME, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("last", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def check_walking():
    with tempfile.TemporaryDirectory() as root:
        box = f"{root}/box"
        os.makedirs(f"{box}/b/inner")
        os.makedirs(f"{box}/a")
        for name in ("b/file", "b/inner/file", "a/file", "file"):
            open(f"{box}/{name}", "w", encoding="utf-8").close()
        os.symlink("/usr", f"{box}/a/link")
        seen = [(path, folders, names) for _, path, folders, names in tree.walk(box)]
        assert seen == [
            ("", ["a", "b"], ["file"]), ("a/", [], ["file", "link"]), ("b/", ["inner"], ["file"]), ("b/inner/", [], ["file"]),
        ], seen
        make_deep(f"{box}/a")
        sys.setrecursionlimit(CALLS)
        os.chmod(f"{box}/b", 0)
        assert max(path.count("/") for _, path, _, _ in tree.walk(box)) == DEEP + 1
        users.hand_over([box], os.getuid())
        packed = []
        for _ in range(2):
            models.pack(box, f"{root}/model.tar.gz", 1 << 20)
            with open(f"{root}/model.tar.gz", "rb") as file:
                packed.append(file.read())
        with tarfile.open(f"{root}/model.tar.gz") as archive:
            names = [name for name in archive.getnames() if NAME not in name]
            assert names == ["file", "a/file", "b/file", "b/inner/file"] and len(archive.getnames()) == 5, names
        assert packed[0] == packed[1]
        tree.empty(box, keep=("b",))
        left = [path + name for _, path, _, names in tree.walk(box) for name in names]
        assert left == ["b/file", "b/inner/file"], left
        tree.remove(box)
        assert os.listdir(root) == ["model.tar.gz"]


def check_packing_nothing():
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(f"{root}/model")
        models.pack(f"{root}/model", f"{root}/target", 1 << 20)
        models.pack(f"{root}/model", f"{root}/nowhere/target", 1 << 20)
        with open(f"{root}/model/holes", "wb") as file:
            file.truncate(64 << 20)
        models.pack(f"{root}/model", f"{root}/target", 1 << 20)  # to read it would take long for nothing
        assert os.listdir(root) == ["model"]


def check_counting():
    with tempfile.TemporaryDirectory() as root:
        open(f"{root}/file", "w", encoding="utf-8").close()
        assert tree.used([f"{root}/file", f"{root}/nowhere", root], 100) == (0, 1), "what is no folder is no endless one"
        make_deep(root)
        assert tree.used([root], 10_000)[1] > 10_000, "what is too deep to be named is"
        tree.remove(f"{root}/{NAME}")
    pace = watches.Pace()
    pace.looked(time.monotonic() - 60)
    assert pace.next < time.monotonic() + 4


def check_unnamed():
    """Files that this process holds open, as if it were a script."""
    us = [os.getpid()]
    with tempfile.TemporaryFile() as file:
        file.write(bytes(1 << 20))
        file.flush()
        twice, memory = os.dup(file.fileno()), os.memfd_create("block")
        os.write(memory, bytes(2 << 20))
        watch = watches.HeldWatch(None, None)
        watch.look([*us, *us])
        disk = os.fstat(twice).st_dev
        assert watch.held.files == 2 and watch.memory_bytes() == 2 << 20, watch.held.bytes
        assert 1 << 20 <= watch.disk_bytes(disk) < 2 << 20, watch.held.bytes
    os.close(twice)
    os.close(memory)
    assert unnamed.look(us).files == 0
    unnamed.MOST_DESCRIPTORS, most = 2, unnamed.MOST_DESCRIPTORS
    assert unnamed.look(us).is_endless
    unnamed.MOST_DESCRIPTORS = most


def check_unseen():
    """Root in a container may not look at processes of others; it looks as the script's user."""
    ready, told = os.pipe()
    script = os.fork()
    if script == 0:
        held = tempfile.TemporaryFile()
        held.write(bytes(1 << 20))
        held.flush()
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        os.write(told, b"x")
        signal.pause()
    os.read(ready, 1)

    def look():
        header = (ctypes.c_uint32 * 2)(kernel.CAPABILITY_VERSION_3, 0)
        with open("/proc/self/status", encoding="utf-8") as file:
            held = int(next(line for line in file if line.startswith("CapPrm:")).split()[1], 16)
        held &= 0xFFFFFFFF & ~(1 << CAP_SYS_PTRACE)
        sets = (ctypes.c_uint32 * 6)(held, held, 0, 0, 0, 0)
        kernel._check(kernel._libc.capset(ctypes.byref(header), ctypes.byref(sets)), "capset")
        assert unnamed.look([script]).is_hidden
        watch = watches.HeldWatch(None, USER)
        watch.look([script])
        assert watch.held.files == 1 and not watch.held.is_hidden and os.geteuid() == os.getegid() == 0

    try:
        in_child(look)
    finally:
        os.kill(script, signal.SIGKILL)
        os.waitpid(script, 0)


def disk_watch(root, free):
    """A watch over a disk of 160 GiB with so many bytes left; the limit is 100 MiB."""
    limits = {"disk_bytes": 100 << 20, "disk_entries": 100, "file_bytes": 100 << 20, "memory_bytes": 70 << 20}

    class Imitated(watches.DiskWatch):
        def _space(self):
            return 160 << 30, free[0]

    for folder in ("box", "tmp", "checkpoint"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    return Imitated({"box": f"{root}/box", "temporary": f"{root}/tmp", "checkpoint": f"{root}/checkpoint", "limits": limits})


def check_full_disk():
    nothing = watches.HeldWatch(None, None)
    with tempfile.TemporaryDirectory() as root:
        free = [10 << 30]
        watch = disk_watch(root, free)
        assert watch.reserve == 1 << 30 and watch.file_bytes == 100 << 20
        assert disk_watch(root, [(1 << 30) + (80 << 20)]).file_bytes == 80 << 20
        assert disk_watch(root, [1 << 20]).file_bytes == 70 << 20, "files in memory may be as large as memory"
        assert watch.sample(nothing, []) is None
        free[0] = 1 << 20
        assert watch.sample(nothing, []) is None, "who writes nothing goes on"
        nothing.held.bytes[watch.device] = 70 << 20
        assert watch.sample(nothing, [])[0] == "disk"
        assert watch.excess() is None, "who has ended has ended"
        nothing.held.bytes[watch.device] = 0
        unnamed.written, written = lambda _: 70 << 20, unnamed.written
        assert watch.sample(nothing, [])[0] == "disk", "who has written, though nobody sees where"
        assert disk_watch(root, free).sample(nothing, []) is None, "the disk was full before"
        unnamed.written = written
        assert watch.sample(nothing, []) is None
        nothing.held.is_hidden = True
        assert watch.sample(nothing, [])[0] == "disk"
        with open(f"{root}/checkpoint/earlier", "wb") as file:
            file.write(bytes(70 << 20))
        assert disk_watch(root, free).sample(watches.HeldWatch(None, None), []) is None, "that was there before"
    with tempfile.TemporaryDirectory() as root, open(f"{root}/file", "wb") as file:
        before = unnamed.written([os.getpid()])
        file.write(bytes(1 << 20))
        file.flush()
        os.fsync(file.fileno())
        is_disk = os.stat(root).st_dev >> 8 != 0  # and no file system in memory
        assert unnamed.written([os.getpid()]) - before >= 1 << 20 or not is_disk


def check_ending_on_a_full_disk():
    """A script fills its disk; how it ended and what it printed are written down all the same."""
    try:
        kernel.unshare(CLONE_NEWNS)
    except PermissionError:
        print("not checked: mounts cannot be made here")
        return
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", root], check=True)
        for folder in ("box/final", "box/model", "box/working", "tmp", "checkpoint", "input"):
            os.makedirs(f"{root}/{folder}")
        for filled in ("working", "checkpoint", "final"):
            ending, log = run_full(root, filled)
            assert ending["reason"] in ("disk", "ended") and ending["exit_code"] != 0 and ending["is_all_gone"], ending
            assert len(log) > 100_000 or filled == "checkpoint", len(log)
        subprocess.run(["umount", root], check=True)


def run_full(root, filled):
    import gzip

    code = f"""
print("x" * 99_999, flush=True)
block = open("{filled}/block", "wb", buffering=0)
while True:
    block.write(bytes(4096))
"""
    limits = {
        "wall_seconds": 30, "cpu_seconds": 30, "memory_bytes": 1 << 30, "output_bytes": 1 << 20, "file_bytes": 1 << 30,
        "disk_bytes": 1 << 30, "disk_entries": 1000, "processes": 1000, "cores": 1, "grace_seconds": 0.1, "notice_seconds": 1,
    }
    specification = {
        "command": [sys.executable, "-I", "-S", "-c", code], "environment": {}, "box": f"{root}/box", "temporary": f"{root}/tmp",
        "input": f"{root}/input", "checkpoint": f"{root}/checkpoint", "stdout": f"{root}/stdout", "stderr": f"{root}/stderr",
        "room_log": f"{root}/room.log", "full_log": f"{root}/log.gz", "ending": f"{root}/ending.json", "short_log_bytes": 1000,
        "limits": limits, "tier": "none", "bubblewrap": "", "readable": [], "weights": None, "devices": [], "nvidia_smi": None,
        "network": False, "use_groups": False, "shared_memory_bytes": 1 << 20, "early_stop": None, "model": f"{root}/model.tar.gz",
        "model_bytes": 1 << 20,
    }
    for name in ("input", "checkpoint"):
        if os.path.islink(f"{root}/box/{name}"):
            os.unlink(f"{root}/box/{name}")
    with open(f"{root}/launch.json", "w", encoding="utf-8") as file:
        json.dump(specification, file)
    requests, ask = os.pipe()
    answer, answers = os.pipe()
    words = f"exec {sys.executable} -I -S {sys.argv[1]}/launch.py {sys.argv[1]}/etc 3<&{requests} 4>&{answers}"
    launcher = subprocess.Popen(["sh", "-c", words], pass_fds=[requests, answers])
    os.close(requests)
    os.close(answers)
    os.write(ask, json.dumps({"run": 1, "specification": f"{root}/launch.json"}).encode() + b"\n")
    told = b""
    while b'"run"' not in told:
        piece = os.read(answer, 1000)
        assert piece, told
        told += piece
    os.close(ask)
    launcher.wait()
    os.close(answer)
    assert b"failure" not in told, told
    with open(f"{root}/ending.json", encoding="utf-8") as file:
        ending = json.load(file)
    log = b""
    if os.path.exists(f"{root}/log.gz"):
        with gzip.open(f"{root}/log.gz") as file:
            log = file.read()
    for name in ("ending.json", "log.gz", f"box/{filled}/block", f"{filled}/block"):
        if os.path.exists(f"{root}/{name}"):
            os.unlink(f"{root}/{name}")
    return ending, log


def check_limits():
    def work():
        attempt.DESCRIPTORS = 500  # not everywhere there are more than the real number
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        entrant = attempt.Entrant(None, None, False)
        entrant.limits = {"file_bytes": 1 << 20, "cpu_seconds": 10, "processes": None}
        before = resource.getrlimit(resource.RLIMIT_NPROC)
        entrant._limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(soft, 500), min(hard, 500))
        assert resource.getrlimit(resource.RLIMIT_NPROC) == before
        entrant.limits["processes"] = 5
        entrant._limit()
        assert resource.getrlimit(resource.RLIMIT_NPROC) == (5, 5)

    in_child(work)
    assert 1 <= tree.tasks(os.getuid()) < 1_000_000 and tree.tasks(4_000_000_000) == 0


def check_killing():
    def work():
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        end = time.monotonic() + 20
        for _ in range(3):
            if os.fork() == 0:
                while time.monotonic() < end:
                    if os.fork():
                        os._exit(0)
                os._exit(0)
        assert tree.kill_descendants() and not tree.descendants()
        if os.fork() == 0:
            signal.pause()
        tree.PATIENCE_SECONDS, tree._signal = 0.05, lambda *_: None
        assert not tree.kill_descendants(), "what is left is told"
        for pid in tree.descendants():
            os.kill(pid, signal.SIGKILL)

    in_child(work)


def check_devices():
    with tempfile.TemporaryDirectory() as root:
        devices = (("render", 0o660, 44), ("kfd", 0o660, 44), ("open", 0o666, 45), ("roots", 0o660, 0), ("closed", 0o600, 46))
        for name, mode, group in devices:
            os.mknod(f"{root}/{name}", stat.S_IFCHR | mode, os.makedev(1, 3))
            os.chmod(f"{root}/{name}", mode)
            os.chown(f"{root}/{name}", 0, group)
        open(f"{root}/file", "w", encoding="utf-8").close()
        os.chown(f"{root}/file", 0, 47)
        assert users.groups_of([f"{root}/{name}" for name in [*os.listdir(root), "nowhere"]]) == [44]


def check_scores():
    with tempfile.TemporaryDirectory() as root:
        with open(f"{root}/stdout", "w", encoding="utf-8") as file:
            for word in ("0.5", "1e999", "-1e999", "9" * 400, "0.7"):
                file.write(f"Intermediate Validation Performance: {word}\n")
        watch = watches.OutputWatch({
            "stdout": f"{root}/stdout", "stderr": f"{root}/stderr", "limits": {"output_bytes": 1 << 20},
            "early_stop": {"direction": "higher", "medians": []},
        })
        watch.read_on()
        assert watch.curve == [0.5, 0.7], watch.curve


CHECKS = [
    check_walking, check_packing_nothing, check_counting, check_unnamed, check_full_disk, check_limits, check_killing,
    check_scores,
]
FOR_ROOT = [check_unseen, check_devices, check_ending_on_a_full_disk]
for check in CHECKS + (FOR_ROOT if IS_ROOT else []):
    in_child(check)  # some change how parts work
print("all well")
