"""One attempt: a room for the script, its start, the watch over its limits, and its end."""

import errno
import json
import os
import resource
import select
import signal
import time
import zlib

import filters
import gpu
import kernel
import landlock
import models
import rooms
import shared
import tree
import users
import watches

SAMPLING_SECONDS = 0.2
OUR_PROCESSES = 8  # at most, of those below a supervisor: bubblewrap's, and the script's parent
DESCRIPTORS = 1 << 16  # of one process, at most
OF_NEIGHBOURS = 4  # times the processes of a script: room for what others of the same user start while it runs
# Why a script may write down what it has before it is ended. One that takes too much would take more meanwhile.
GRACIOUS = ("timeout", "cancelled", "hopeless")
CLONE_NEWUSER = 0x10000000
INET = (filters.AF_INET, filters.AF_INET6, filters.AF_NETLINK)


class Become(BaseException):
    """Raised in the process that is to be the script, to leave everything that was ours behind; with its variables."""


class Attempt:
    """A supervisor, made ahead of its script together with the process that will enter the room.

    `line` brings the request and ends when the script is to stop; `warm` says that this process holds the script's imports.
    """

    def __init__(self, line, groups, etc, warm):
        self.line, self.groups, self.etc, self.warm = line, groups, etc, warm
        self.script = None  # its process id
        self.first = None  # the first process of its room
        self.status = self.user = self.group = self.held = None
        self.is_all_gone = True
        self.peak = self.gpu_peak = 0
        self.cpu = 0.0
        self.heard = b""
        self._make_entrant()

    def _make_entrant(self):
        self.told, tell = os.pipe()
        answers, self.answer = os.pipe()
        supervisor = os.getpid()
        child = os.fork()
        if child == 0:
            for descriptor in (self.told, self.answer, self.line):
                os.close(descriptor)
            try:
                Entrant(tell, answers, self.warm).go(supervisor)
            except Become:
                raise
            except BaseException as error:
                os.write(tell, f"error {error}\n".encode()[:500])
                os._exit(127)
        self.entrant = child
        self.ours = {child}  # of the processes below this one, those that are not the script's
        os.close(tell)
        os.close(answers)

    def take(self, path):
        """What is to be run: a specification, a JSON file."""
        with open(path, encoding="utf-8") as file:
            self.spec = json.load(file)
        self.path = path
        self.limits = self.spec["limits"]
        self.is_room = self.spec["tier"] == "bubblewrap"
        self.output = watches.OutputWatch(self.spec)
        self.disk = watches.DiskWatch(self.spec)
        self.shared = None if self.is_room else shared.SharedMemory()

    def run(self):
        """Runs the script to its end; the ending as a dictionary."""
        self.began = time.monotonic()
        try:
            room = self._begin_room() if self.is_room else None
            # While bubblewrap is at work:
            if self.spec["use_groups"]:
                self.group = self.groups.make(f"{os.getpid()}", self.limits)
            if self.group:
                self.group.take(self.entrant)
            self._prepare()
            if room:
                self.first = room.wait()
                self.ours |= {room.process, self.first}
            reason, detail = self._start()
        except (OSError, rooms.RoomError, users.Unreadable) as error:
            reason, detail = "setup", str(error)
        if reason is None:
            reason, detail = self._watch()
        wall = time.monotonic() - self.began
        if reason in GRACIOUS:
            self._stop()
        self._measure()
        # Before anything it left is looked at: what the script started must not go on changing it.
        self.is_all_gone = tree.kill_descendants()
        if reason == "ended":
            reason, detail = self._last_look() or (reason, detail)
        return self._conclude(reason, detail, wall)

    def _last_look(self):
        """What a script did since the last sample may be what it failed of; the limit that it broke."""
        self.output.read_on()
        if self.group and self.group.memory_kills():
            return "memory", ""
        return self.output.excess() or self.disk.excess()

    def _conclude(self, reason, detail, wall):
        """Removes what is ours and not the script's folder; the ending."""
        if self.shared:
            self.shared.sweep(self.user)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if self.group:
            self.group.remove()
        status = self.status
        is_well = reason == "ended" and status == 0
        self._keep_whole_log(["final", "model"] if is_well else [])
        if is_well and self.spec.get("model"):
            models.pack(f"{self.spec['box']}/model", self.spec["model"], self.spec["model_bytes"])
        ended = reason == "ended" and status is not None
        return {
            "reason": reason, "detail": detail,
            "exit_code": os.WEXITSTATUS(status) if ended and os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if ended and os.WIFSIGNALED(status) else None,
            "wall_seconds": wall, "cpu_seconds": max(self.cpu, used.ru_utime + used.ru_stime),
            "peak_memory_bytes": max(self.peak, used.ru_maxrss * 1024),
            "peak_gpu_bytes": self.gpu_peak, "curve": self.output.curve,
            "groups": self.group.kind if self.group else "none", "is_warm": self.warm, "is_all_gone": self.is_all_gone,
        }

    def write(self, ending):
        """Writes down how the script ended."""

        def write():
            with open(self.spec["ending"], "w", encoding="utf-8") as file:
                json.dump(ending, file)

        box, checkpoint = self.spec["box"], self.spec["checkpoint"]
        self._write_to_disk(write, [(box, ["final"] if ending["exit_code"] == 0 else []), (checkpoint, []), (box, [])])

    def _write_to_disk(self, write, spare):
        """Writes something. Where the disk is full, what the script left in some folders goes first, but for names to be kept."""
        for folder, kept in spare:
            try:
                return write()
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                tree.empty(self.spec["temporary"])
                tree.empty(folder, kept)
        return write()

    # Before the script

    def _begin_room(self):
        for name in ("input", "checkpoint"):
            os.makedirs(f"{self.spec['box']}/{name}", exist_ok=True)
        return rooms.Room(self.spec, self.etc)

    def _prepare(self):
        box, checkpoint = self.spec["box"], self.spec["checkpoint"]
        if not self.is_room:
            os.symlink(self.spec["input"], f"{box}/input")
            os.symlink(checkpoint, f"{box}/checkpoint")
        if users.has_own(self.spec):
            self.user = users.FIRST + os.getpid() % users.COUNT
            users.check_readable(self.spec)
            users.hand_over([box, self.spec["temporary"], checkpoint], self.user)

    def _most_processes(self):
        """What the kernel is to limit the processes of the script's user to; `None` where a group does it."""
        if self.is_room or self.user is not None:
            return self.limits["processes"]
        return None if self.group else OF_NEIGHBOURS * self.limits["processes"] + tree.tasks(os.getuid())

    def _start(self):
        """Lets the entrant start the script; a reason why it could not, or `None`."""
        order = {
            "specification": self.path, "room": self.first, "user": self.user, "is_counted": self.group is None,
            "limits": {"file_bytes": self.disk.file_bytes, "processes": self._most_processes()},
        }
        os.write(self.answer, json.dumps(order).encode() + b"\n")
        waits_for_user = False
        # The script's process and its parent tell at the same time: in either order.
        while self.script is None or (self.is_room and self.user is not None and not waits_for_user):
            word, _, rest = self._hear().partition(" ")
            if word == "pid":
                self.script = int(rest)
            elif word == "map":
                waits_for_user = True
            else:
                return "setup", rest if word == "error" else "the script's process ended before it began"
        if waits_for_user:
            self._map_user()
        return None, ""

    def _map_user(self):
        """The script's process waits in a user namespace of its own until its user is known outside."""
        for kind in ("uid", "gid"):
            with open(f"/proc/{self.script}/{kind}_map", "w", encoding="utf-8") as file:
                file.write(f"{users.INSIDE} {self.user} 1\n")
        os.write(self.answer, b"mapped\n")

    def _hear(self):
        """The next line that the script's process, or its parent, tells."""
        while b"\n" not in self.heard:
            piece = os.read(self.told, 4096)
            if not piece:
                return ""
            self.heard += piece
        line, _, self.heard = self.heard.partition(b"\n")
        return line.decode(errors="replace")

    # While it runs

    def _watch(self):
        next_sample = self.began + SAMPLING_SECONDS
        notice = self.began + self.limits["wall_seconds"] - self.limits["notice_seconds"]
        end = self.began + self.limits["wall_seconds"]
        while True:
            now = time.monotonic()
            pause = max(0.0, min(next_sample, end) - now)
            ready = [] if b"\n" in self.heard else select.select([self.line, self.told], [], [], pause)[0]
            if b"\n" in self.heard or self.told in ready:
                word, _, rest = self._hear().partition(" ")
                if word == "status":
                    self.status = int(rest)
                    return "ended", ""
                return "setup", rest or "the script's parent ended without a word"
            if self.line in ready:
                return "cancelled", ""
            now = time.monotonic()
            if now >= end:
                return "timeout", "wall time"
            if now >= notice:
                notice = end
                self._give_notice()
            if now >= next_sample:
                broken = self._sample()
                if broken:
                    return broken
                next_sample = now + SAMPLING_SECONDS

    def _measure(self):
        """Memory and processor time now, the processes that are looked at, and their number where nobody else limits it."""
        if self.held is None:
            self.held = watches.HeldWatch(self.first, None if self.is_room else self.user)
        if self.group:
            processes = set(self.group.processes()) - self.ours
            self.held.look(processes)
            resident, cpu, count = self.group.resident(), self.group.processor_seconds(), 0
        else:
            below = tree.descendants()
            processes = below.keys() - self.ours  # one of ours may hide, or have the imports of a warm script as well
            self.held.look(processes)
            resident, count = self._resident({pid: below[pid][0] for pid in processes}), len(below)
            cpu = sum(seconds for _, seconds in below.values())
        self.cpu = max(self.cpu, cpu or 0)
        self.peak = max(self.peak, resident)
        return resident, count, processes

    def _resident(self, processes):
        """Bytes of memory of some processes, by what they have resident or hold without a name."""
        total = sum(processes.values())
        held = self.held.memory_bytes() + (self.shared.used(self.user) if self.shared else 0)
        # What is held may be resident as well, and would count twice.
        return max(total, total - tree.shared_bytes(processes) + held) if held else total

    def _sample(self):
        resident, count, processes = self._measure()
        if resident > self.limits["memory_bytes"] or (self.group and self.group.memory_kills()):
            return "memory", ""
        if self.cpu > self.limits["cpu_seconds"]:
            return "timeout", "processor time"
        if count > self.limits["processes"] + OUR_PROCESSES:
            return "processes", ""
        if self.shared and self.user is None:
            self.shared.look(processes)
        if program := self.spec.get("nvidia_smi"):
            self.gpu_peak = max(self.gpu_peak, gpu.memory_in_use(program, processes, self.spec["devices"]))
        return self.output.sample() or self.disk.sample(self.held, processes)

    def _give_notice(self):
        """A script that listens is told some time before its limit; on others the signal would end them early."""
        try:
            with open(f"/proc/{self.script}/status", encoding="utf-8", errors="replace") as file:
                caught = next(line for line in file if line.startswith("SigCgt:"))
            if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
                os.kill(self.script, signal.SIGTERM)
        except (OSError, StopIteration):
            pass

    def _stop(self):
        """TERM to the script's group, a moment to write things down; KILL to everything comes after."""
        try:
            os.killpg(self.script, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            return
        select.select([self.told], [], [], self.limits["grace_seconds"])

    def _keep_whole_log(self, kept):
        """Both streams in one compressed file, when only their ends go into the outcome; `kept` is wanted more than that."""
        sizes = [self.output.size(name) for name in ("stdout", "stderr")]
        if max(sizes) <= self.spec["short_log_bytes"]:
            return
        try:
            self._write_to_disk(self._pack_log, [(self.spec["box"], kept)])
        except OSError:
            if os.path.exists(self.spec["full_log"]):
                os.unlink(self.spec["full_log"])

    def _pack_log(self):
        packer = zlib.compressobj(1, wbits=31)
        with open(self.spec["full_log"], "wb") as packed:
            for name in ("stdout", "stderr"):
                packed.write(packer.compress(f"--- {name} ---\n".encode()))
                with open(self.spec[name], "rb") as stream:
                    left = self.limits["output_bytes"]
                    while left > 0 and (piece := stream.read(min(left, 1 << 20))):
                        packed.write(packer.compress(piece))
                        left -= len(piece)
            packed.write(packer.flush())


def read_line(descriptor):
    """A line, of which nothing more has been sent yet; empty at the end."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return ""
        line += piece
    return line.decode().rstrip("\n")


class Entrant:
    """The processes between ours and the script's first line."""

    def __init__(self, tell, answers, warm):
        self.tell_end, self.answers, self.warm = tell, answers, warm

    def tell(self, words):
        os.write(self.tell_end, words.encode() + b"\n")

    def go(self, supervisor):
        """Waits for its order, enters the room, starts the script in it and waits for that: does not return."""
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it ended before the death signal was armed
            os._exit(1)
        if not (line := read_line(self.answers)):
            os._exit(0)
        order = json.loads(line)
        with open(order["specification"], encoding="utf-8") as file:
            self.spec = json.load(file)
        self.limits, self.user = self.spec["limits"] | order["limits"], order["user"]
        self.is_room, self.is_counted = order["room"] is not None, order["is_counted"]
        streams = [os.open(os.devnull, os.O_RDONLY)]
        for name in ("stdout", "stderr"):
            streams.append(os.open(self.spec[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600))
        if self.is_room:
            rooms.enter(order["room"])
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            self._become(streams, None if self.is_room else parent)
        self.tell(f"pid {child}")
        os.closerange(0, self.tell_end)
        os.closerange(self.tell_end + 1, 1 << 16)
        _, status = os.waitpid(child, 0)
        self.tell(f"status {status}")
        os._exit(0)

    def _become(self, streams, parent):
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        self._limit()
        os.umask(0o022)
        if self.user is not None:
            self._take_user()
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if parent is not None and os.getppid() != parent:
            os._exit(1)
        self._confine()
        os.chdir(rooms.INSIDE if self.is_room else self.spec["box"])
        if self.warm:
            os.closerange(3, 1 << 16)
            raise Become(self.spec["environment"])
        os.set_inheritable(self.tell_end, False)
        os.closerange(3, self.tell_end)
        os.closerange(self.tell_end + 1, 1 << 16)
        os.execve(self.spec["command"][0], self.spec["command"], self.spec["environment"])

    def _limit(self):
        hard = {
            resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: self.limits["file_bytes"],
            resource.RLIMIT_CPU: int(self.limits["cpu_seconds"]) + 5,
            resource.RLIMIT_NPROC: self.limits["processes"],
        }
        for kind, value in hard.items():
            if value is not None:
                _, most = resource.getrlimit(kind)
                value = value if most == resource.RLIM_INFINITY else min(value, most)
                resource.setrlimit(kind, (value, value))
        # What is held open is counted, which takes its time.
        descriptors = [min(limit, DESCRIPTORS) for limit in resource.getrlimit(resource.RLIMIT_NOFILE)]
        resource.setrlimit(resource.RLIMIT_NOFILE, descriptors)
        try:
            with open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
                file.write("1000")  # where memory is short, the script goes first
        except OSError:
            pass

    def _take_user(self):
        os.setgroups(users.groups_of(self.spec["devices"]))
        user = self.user
        if self.is_room:
            kernel.unshare(CLONE_NEWUSER)
            self.tell("map")
            if read_line(self.answers) != "mapped":
                os._exit(1)
            user = users.INSIDE
        else:
            kernel.bar_capabilities()  # who is not root any more cannot
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)

    def _confine(self):
        network = self.spec["network"]
        tier = self.spec["tier"]
        if tier == "landlock":
            readable = [*rooms.SYSTEM, *rooms.SETTINGS, "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf"]
            readable += ["/proc", "/sys/fs/cgroup", "/dev/zero", "/dev/random", "/dev/urandom", self.spec["input"], *self.spec["readable"]]
            readable += ([self.spec.get("weights")] if self.spec.get("weights") else [])
            readable += rooms.FOR_NETWORK if network else []
            readable += ["/sys"] if self.spec["devices"] else []
            writable = [self.spec["box"], self.spec["temporary"], self.spec["checkpoint"], "/dev/null"]
            landlock.restrict(readable, [*writable, *self.spec["devices"]], [shared.FOLDER], network)
        if tier != "none":
            local = (filters.AF_UNIX,) if self.is_room else ()  # Landlock does not see to which path one connects
            families = (*local, *INET) if network or self.is_room else local
            owns_files = not self.is_room and self.user is None
            filters.apply(families, shares_machine=not self.is_room, owns_files=owns_files, is_counted=self.is_counted)


def attend(line, groups, etc, warm):
    """Waits for a request, runs the attempt that its specification describes, and writes the ending, another JSON file.

    Returns the request's number, or `None` when there was no request. Raises `Become` in the script's own process."""
    attempt = Attempt(line, groups, etc, warm)
    if not (request := read_line(line)):
        return None
    request = json.loads(request)
    attempt.take(request["specification"])
    attempt.write(attempt.run())
    return request["run"]
