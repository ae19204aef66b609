"""Checks of what the launcher counts, walks and ends: `launcher_limits.py FOLDER` with the folder of the launcher's files.

What takes root is checked only by root."""

import os
import signal
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, sys.argv[1])
import kernel
import models
import tree
import users

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


CHECKS = [check_walking, check_packing_nothing, check_counting, check_killing]
FOR_ROOT = []
for check in CHECKS + (FOR_ROOT if IS_ROOT else []):
    in_child(check)  # some change how parts work
print("all well")
