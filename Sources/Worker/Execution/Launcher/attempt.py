"""One attempt: a room for the script, its start, the watch over its limits, and its end."""

import json
import os
import re
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
import tree

SAMPLING_SECONDS = 0.2
OUR_PROCESSES = 8  # at most, of those below a supervisor: bubblewrap's, and the script's parent
CLONE_NEWUSER = 0x10000000
INET = (filters.AF_UNIX, filters.AF_INET, filters.AF_INET6, filters.AF_NETLINK)
INTERMEDIATE = re.compile(rb"Intermediate Validation Performance\s*[:=]\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)")
LONGEST_CURVE = 1000


class Become(BaseException):
    """Raised in the process that is to be the script, to leave everything that was ours behind; with its variables."""


class Attempt:
    """A supervisor, made ahead of its script together with the process that will enter the room.

    `line` brings the request and ends when the script is to stop; `warm` says that this process holds the script's imports.
    """

    def __init__(self, line, groups, etc, warm):
        self.line, self.groups, self.etc, self.warm = line, groups, etc, warm
        self.script = None  # its process id
        self.status = self.user = self.group = None
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
        os.close(tell)
        os.close(answers)

    def take(self, path):
        """What is to be run: a specification, a JSON file."""
        with open(path, encoding="utf-8") as file:
            self.spec = json.load(file)
        self.path = path
        self.limits = self.spec["limits"]
        self.is_room = self.spec["tier"] == "bubblewrap"
        self.output = OutputWatch(self.spec)
        self.disk = DiskWatch(self.spec)

    def run(self):
        """Runs the script to its end; the ending as a dictionary."""
        began, self.began_at = time.monotonic(), time.time()
        self.began = began
        try:
            room = self._begin_room() if self.is_room else None
            # While bubblewrap is at work:
            if self.spec["use_groups"]:
                self.group = self.groups.make(f"{os.getpid()}", self.limits)
            if self.group:
                self.group.take(self.entrant)
            self._prepare()
            reason, detail = self._start(room.wait() if room else None)
        except (OSError, rooms.RoomError) as error:
            reason, detail = "setup", str(error)
        if reason is None:
            reason, detail = self._watch()
        wall = time.monotonic() - began
        if reason not in ("ended", "setup"):
            self._stop()
        elif reason == "ended":
            while self.output.look_for_scores():  # those printed since the last sample; too late to stop anything
                pass
            # What a script did since the last sample may be what it failed of.
            self.disk.next = 0
            reason, detail = self.output.excess() or self.disk.sample() or (reason, detail)
        kills = self.group.memory_kills() if self.group else 0
        self._measure()
        tree.kill_descendants()
        if not self.is_room:
            tree.sweep_shared_memory(self.began_at)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if self.group:
            self.group.remove()
        self._keep_whole_log()
        if reason == "ended" and self.status == 0 and self.spec.get("model"):
            models.pack(f"{self.spec['box']}/model", self.spec["model"], self.spec["model_bytes"])
        status = self.status
        ended = reason == "ended" and status is not None
        return {
            "reason": reason, "detail": detail,
            "exit_code": os.WEXITSTATUS(status) if ended and os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if ended and os.WIFSIGNALED(status) else None,
            "memory_kills": kills, "wall_seconds": wall,
            "cpu_seconds": max(self.cpu, used.ru_utime + used.ru_stime),
            "peak_memory_bytes": max(self.peak, used.ru_maxrss * 1024),
            "peak_gpu_bytes": self.gpu_peak, "curve": self.output.curve,
            "groups": self.group.kind if self.group else "none", "is_warm": self.warm,
        }

    # Before the script

    def _begin_room(self):
        for name in ("input", "checkpoint"):
            os.makedirs(f"{self.spec['box']}/{name}", exist_ok=True)
        return rooms.Room(self.spec, self.etc)

    def _prepare(self):
        box, checkpoint = self.spec["box"], self.spec["checkpoint"]
        if self.is_room:
            if rooms.is_privileged():
                self.user = rooms.FIRST_USER + os.getpid() % rooms.USERS
                rooms.check_readable([self.spec["input"], *self.spec["readable"]])
                rooms.hand_over([box, self.spec["temporary"], checkpoint], self.user)
        else:
            os.symlink(self.spec["input"], f"{box}/input")
            os.symlink(checkpoint, f"{box}/checkpoint")

    def _start(self, first):
        """Lets the entrant start the script; a reason why it could not, or `None`."""
        order = {"specification": self.path, "room": first, "user": self.user}
        os.write(self.answer, json.dumps(order).encode() + b"\n")
        waits_for_user = False
        # The script's process and its parent tell at the same time: in either order.
        while self.script is None or (self.user is not None and not waits_for_user):
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
                file.write(f"{rooms.USER} {self.user} 1\n")
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
        """Memory and processor time now; the number of processes."""
        if self.group:
            resident, cpu = self.group.resident(), self.group.processor_seconds()
            if cpu is not None:
                self.cpu = max(self.cpu, cpu)
            count = 0  # the group sees to it
        else:
            below = tree.descendants()
            resident, count = sum(memory for memory, _ in below.values()), len(below)
            self.cpu = max(self.cpu, sum(seconds for _, seconds in below.values()))
        self.peak = max(self.peak, resident)
        return resident, count

    def _sample(self):
        resident, count = self._measure()
        if resident > self.limits["memory_bytes"] or (self.group and self.group.memory_kills()):
            return "memory", ""
        if self.cpu > self.limits["cpu_seconds"]:
            return "timeout", "processor time"
        if count > self.limits["processes"] + OUR_PROCESSES:
            return "processes", ""
        if self.spec["devices"]:
            self.gpu_peak = max(self.gpu_peak, gpu.memory_in_use(set(tree.descendants())))
        return self.output.sample() or self.disk.sample()

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

    def _keep_whole_log(self):
        """Both streams in one compressed file, when only their ends go into the outcome."""
        sizes = [self.output.size(name) for name in ("stdout", "stderr")]
        if max(sizes) <= self.spec["short_log_bytes"]:
            return
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
        self.limits, self.user = self.spec["limits"], order["user"]
        self.is_room = order["room"] is not None
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
            # Without a user namespace of its own the count of processes is that of all the user's processes.
            if kind != resource.RLIMIT_NPROC or self.is_room:
                _, most = resource.getrlimit(kind)
                value = value if most == resource.RLIM_INFINITY else min(value, most)
                resource.setrlimit(kind, (value, value))
        try:
            with open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
                file.write("1000")  # where memory is short, the script goes first
        except OSError:
            pass

    def _take_user(self):
        os.setgroups([])
        kernel.unshare(CLONE_NEWUSER)
        self.tell("map")
        if read_line(self.answers) != "mapped":
            os._exit(1)
        os.setresgid(rooms.USER, rooms.USER, rooms.USER)
        os.setresuid(rooms.USER, rooms.USER, rooms.USER)

    def _confine(self):
        network = self.spec["network"]
        tier = self.spec["tier"]
        if tier == "landlock":
            readable = [*rooms.SYSTEM, *rooms.SETTINGS, "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf"]
            readable += ["/proc", "/dev/zero", "/dev/random", "/dev/urandom", self.spec["input"], *self.spec["readable"]]
            readable += ([self.spec.get("weights")] if self.spec.get("weights") else [])
            readable += rooms.FOR_NETWORK if network else []
            readable += ["/sys"] if self.spec["devices"] else []
            writable = [self.spec["box"], self.spec["temporary"], self.spec["checkpoint"], "/dev/null", "/dev/shm"]
            landlock.restrict(readable, [*writable, *self.spec["devices"]], network)
        if tier != "none":
            families = INET if network or self.is_room else (filters.AF_UNIX,)
            filters.apply(families)


class OutputWatch:
    """What a script has printed: its size, and the intermediate scores in it."""

    def __init__(self, spec):
        self.spec, self.limit = spec, spec["limits"]["output_bytes"]
        self.medians = (spec.get("early_stop") or {}).get("medians", [])
        self.sign = 1 if (spec.get("early_stop") or {}).get("direction") == "higher" else -1
        self.curve, self.offset, self.rest = [], 0, b""
        self.hopeless = ""

    def size(self, name):
        try:
            return os.stat(self.spec[name]).st_size
        except FileNotFoundError:
            return 0

    def excess(self):
        return ("output", "") if self.size("stdout") + self.size("stderr") > self.limit else None

    def sample(self):
        if excess := self.excess():
            return excess
        if self.look_for_scores() and self.hopeless:
            return "hopeless", self.hopeless
        return None

    def look_for_scores(self):
        """Reads on in what the script has printed; whether there was anything."""
        if self.spec.get("early_stop") is None:
            return False
        with open(self.spec["stdout"], "rb") as file:
            file.seek(self.offset)
            piece = file.read(1 << 20)
        self.offset += len(piece)
        *lines, self.rest = (self.rest + piece).split(b"\n")
        self.rest = self.rest[-1000:]
        for line in lines:
            found = INTERMEDIATE.search(line)
            if not found or len(self.curve) >= LONGEST_CURVE:
                continue
            value = float(found.group(1))
            best = max([value, *self.curve[-1:]], key=lambda number: self.sign * number)
            self.curve.append(best)
            step = len(self.curve) - 1
            median = self.medians[step] if step < len(self.medians) else None
            if median is not None and self.sign * best < self.sign * median:
                self.hopeless = self.hopeless or f"report {step + 1}: {best} against a median of {median}"
        return bool(piece)


class DiskWatch:
    """What a script has written; counted less often the longer counting takes."""

    def __init__(self, spec):
        limits = spec["limits"]
        self.folders = [spec["box"], spec["temporary"], spec["checkpoint"]]
        self.bytes, self.entries = limits["disk_bytes"], limits["disk_entries"]
        self.next = 0.0

    def sample(self):
        began = time.monotonic()
        if began < self.next:
            return None
        total, entries = tree.used(self.folders, self.entries)
        now = time.monotonic()
        self.next = now + 9 * (now - began)
        if total > self.bytes:
            return "disk", f"{total} bytes"
        if entries > self.entries:
            return "disk", f"more than {self.entries} files and folders"
        return None


def attend(line, groups, etc, warm):
    """Waits for a request, runs the attempt that its specification describes, and writes the ending, another JSON file.

    Returns the request's number, or `None` when there was no request. Raises `Become` in the script's own process."""
    attempt = Attempt(line, groups, etc, warm)
    if not (request := read_line(line)):
        return None
    request = json.loads(request)
    attempt.take(request["specification"])
    ending = attempt.run()
    with open(attempt.spec["ending"], "w", encoding="utf-8") as file:
        json.dump(ending, file)
    return request["run"]
