"""Runs scripts for a worker and leaves nothing behind.

A launcher is started by a worker, which holds the other ends of two descriptors: 3 brings requests, one JSON object a line, and 4
takes answers. `{"run": 7, "specification": PATH}` starts an attempt, `{"stop": 7}` ends it and everything it started. When the
requests end, because the worker has no need of the launcher any more or has died in any way, all attempts end. Each attempt has a
supervising process of its own, forked from here; orphans of the script become children of that one, and end with it.

A launcher with imports (see `sitecustomize.py`) lets the script's process go on in an interpreter that has them already.
"""

import json
import os
import select
import sys

if __name__ == "__main__":  # run as isolated as Python can be, which leaves this folder out
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import attempt
import groups
import kernel
import rooms
import tree

REQUESTS, ANSWERS = 3, 4
BREATH_SECONDS = 0.1


class Launcher:
    """The attempts under way, and one supervisor that waits for the next."""

    def __init__(self, etc, warm):
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        rooms.furnish(etc)
        self.etc, self.warm = etc, warm
        self.groups = groups.Groups()
        self.groups.sweep()
        self.lines = {}  # by supervisor; `None` once it was told to stop
        self.supervisors = {}  # by the request's number
        self.spare = None
        for descriptor in (REQUESTS, ANSWERS):
            os.set_inheritable(descriptor, False)

    def serve(self):
        """Takes requests until they end. Raises `attempt.Become` in the process of a warm script."""
        self.make_spare()
        answer({"ready": True, "groups": self.groups.kind})
        waiting = b""
        while True:
            pause = BREATH_SECONDS if self.spare is None else 1.0 if self.supervisors else None
            ready = select.select([REQUESTS], [], [], pause)[0]
            self.collect()
            if not ready and self.spare is None:
                self.make_spare()  # not at once: the script that took the last one is about to start
            if not ready:
                continue
            piece = os.read(REQUESTS, 1 << 16)
            if not piece:
                return
            *requests, waiting = (waiting + piece).split(b"\n")
            for request in requests:
                self.handle(json.loads(request))

    def handle(self, request):
        if "stop" in request:
            supervisor = self.supervisors.get(request["stop"])
            if self.lines.get(supervisor) is not None:
                os.close(self.lines[supervisor])
                self.lines[supervisor] = None
            return
        if self.spare is None:
            self.make_spare()
        supervisor, self.spare = self.spare, None
        self.supervisors[request["run"]] = supervisor
        os.write(self.lines[supervisor], json.dumps(request).encode() + b"\n")

    def make_spare(self):
        listening, line = os.pipe()
        supervisor = os.fork()
        if supervisor == 0:
            for other in [*self.lines.values(), line, REQUESTS]:  # attempts must end when the launcher closes theirs
                if other is not None:
                    os.close(other)
            supervise(listening, self.groups, self.etc, self.warm)
        os.close(listening)
        self.lines[supervisor] = line
        self.spare = supervisor

    def collect(self):
        """Forgets supervisors that have ended; an attempt whose supervisor broke gets an answer from here."""
        for supervisor, status in tree.reap().items():
            if self.lines.get(supervisor) is not None:
                os.close(self.lines[supervisor])
            self.lines.pop(supervisor, None)
            if supervisor == self.spare:
                self.spare = None
            for number in [number for number, process in self.supervisors.items() if process == supervisor]:
                del self.supervisors[number]
                if status != 0:
                    answer({"run": number, "failure": f"its supervisor ended with status {status}"})


def supervise(line, known_groups, etc, warm):
    """One attempt in a process of its own; does not return, but raises `attempt.Become` in the script's process."""
    try:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        number = attempt.attend(line, known_groups, etc, warm)
        if number is not None:
            answer({"run": number})
    except attempt.Become:
        raise
    except BaseException as error:
        os.write(2, f"supervisor: {type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)


def answer(words):
    os.write(ANSWERS, json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    Launcher(sys.argv[1], warm=False).serve()
