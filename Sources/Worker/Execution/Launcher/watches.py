"""The watch over what a script prints and writes."""

import os
import re
import time

import tree

INTERMEDIATE = re.compile(rb"Intermediate Validation Performance\s*[:=]\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)")
LONGEST_CURVE = 1000
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
