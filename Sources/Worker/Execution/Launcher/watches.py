"""The watch over what a script prints and writes."""

import os
import re
import time

import shared
import tree
import unnamed

INTERMEDIATE = re.compile(rb"Intermediate Validation Performance\s*[:=]\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)")
LONGEST_CURVE = 1000
LONGEST_PAUSE_SECONDS = 3
MOST_RESERVED = 1 << 30  # of a disk, or a twentieth of it, for the worker and for scripts that write little
INFINITE = float("inf")


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
            if abs(value) == INFINITE:
                continue  # too large for a number; the rule compares none, and no ending can hold one
            best = max([value, *self.curve[-1:]], key=lambda number: self.sign * number)
            self.curve.append(best)
            step = len(self.curve) - 1
            median = self.medians[step] if step < len(self.medians) else None
            if median is not None and self.sign * best < self.sign * median:
                self.hopeless = self.hopeless or f"report {step + 1}: {best} against a median of {median}"
        return bool(piece)

    def read_on(self):
        """Reads what was printed since the last sample, too late to stop anything: no more than a script may print."""
        end = min(self.size("stdout"), self.limit)
        while self.offset < end and self.look_for_scores():
            pass


class Pace:
    """When to look again: the less often the longer looking takes, but every few seconds."""

    def __init__(self):
        self.next = 0.0

    def is_due(self):
        return time.monotonic() >= self.next

    def looked(self, began):
        now = time.monotonic()
        self.next = now + min(9 * (now - began), LONGEST_PAUSE_SECONDS)


class HeldWatch:
    """What a script's processes hold open that has no name.

    `first` is the first process of its room, if it has one; `user` is whom else to look as where we may not look ourselves."""

    def __init__(self, first, user):
        self.is_room, self.user = first is not None, user
        self.memory = f"/proc/{first}/root{shared.FOLDER}" if self.is_room else shared.FOLDER
        self.unnamed_device, self.memory_device = unnamed.in_memory(self.memory)
        self.pace = Pace()
        self.held = unnamed.Held()

    def look(self, processes):
        if not self.pace.is_due():
            return
        began = time.monotonic()
        self.held = unnamed.look(processes)
        if self.held.is_hidden and self.user is not None:
            self.held = unnamed.look_as(self.user, processes)
        self.pace.looked(began)

    def memory_bytes(self):
        """In memory without a name; in a room, with a name as well."""
        found = self.held.bytes.get(self.unnamed_device, 0)
        if not self.is_room:
            return found + self.held.bytes.get(self.memory_device, 0)
        try:
            place = os.statvfs(self.memory)
        except OSError:
            return found  # the room is no more
        return found + (place.f_blocks - place.f_bfree) * place.f_frsize

    def disk_bytes(self, disk):
        """On disks: that of number `disk`, or any other file system but those in memory."""
        memory = {self.unnamed_device, self.memory_device} - {disk}
        return sum(size for device, size in self.held.bytes.items() if device not in memory)


class DiskWatch:
    """What a script has written; a script that writes is also ended when the disk is nearly full, whoever filled it."""

    def __init__(self, spec):
        limits = spec["limits"]
        self.box, self.folders = spec["box"], [spec["box"], spec["temporary"], spec["checkpoint"]]
        self.bytes, self.entries = limits["disk_bytes"], limits["disk_entries"]
        self.pace = Pace()
        self.used = 0, 0
        self.device = os.stat(self.box).st_dev
        size, self.free_at_first = self._space()
        self.reserve = min(MOST_RESERVED, size // 20)
        self.notable = self.reserve // 16
        # What an earlier attempt left is no reason to end a script that begins on a full disk.
        self.earlier = tree.used(self.folders, self.entries)[0] if self.free_at_first < self.reserve else 0
        self.file_bytes = limits["file_bytes"]
        if size > 0:  # not every file system tells
            room = max(self.free_at_first - self.reserve, self.notable)
            self.file_bytes = min(self.file_bytes, max(room, limits["memory_bytes"]))  # files may lie in memory, too

    def _space(self):
        """Size of the disk, and what is left on it for scripts."""
        place = os.statvfs(self.box)
        return place.f_blocks * place.f_frsize, place.f_bavail * place.f_frsize

    def excess(self):
        """The limit that is broken by what lies in the script's folders: counted anew."""
        self.pace = Pace()
        return self._counted(0, 0)

    def sample(self, watch, processes):
        """The limit that is broken while `processes` run; `watch` knows what they hold."""
        if watch.held.is_endless:
            return "disk", f"more than {unnamed.MOST_DESCRIPTORS} open files"
        broken = self._broken(watch, processes)
        if broken:
            # What was deleted since the folders were counted, and is still open, counted twice.
            self.pace = Pace()
            broken = self._broken(watch, processes)
        return broken

    def _broken(self, watch, processes):
        held = watch.disk_bytes(self.device)
        return self._counted(held, watch.held.files) or self._last_bytes(held, watch.held.is_hidden, processes)

    def _counted(self, held, files):
        if self.pace.is_due():
            began = time.monotonic()
            self.used = tree.used(self.folders, self.entries)
            self.pace.looked(began)
        total, entries = self.used
        if total + held > self.bytes:
            return "disk", f"{total + held} bytes"
        if entries + files > self.entries:
            return "disk", f"more than {self.entries} files and folders"
        return None

    def _last_bytes(self, held, is_hidden, processes):
        """On a disk that is nearly full the scripts go on that write little. One may write what is in no folder and held by
        nobody, in a file that is only mapped or on its way through a socket: it tells by what its processes have written."""
        _, free = self._space()
        if free >= self.reserve:
            return None
        used = self.used[0] + held - self.earlier
        has_shrunk = self.free_at_first - free > self.notable
        if used > self.notable or (has_shrunk and (is_hidden or unnamed.written(processes) > self.notable)):
            return "disk", f"{used} bytes, while less than {self.reserve} are left on the disk"
        return None
