"""Makes docs/run.svg: what a terminal shows in the middle of a run and at its end.

    pip install rich pyte
    docs/make_run_picture.py MLESTAR TASK BUDGET SECONDS docs/run.svg

SECONDS is when the middle is taken.
"""

import os
import pty
import select
import sys
import tempfile
import time

import pyte
from rich.console import Console
from rich.text import Text

COLUMNS, LINES = 104, 32


def record(command, moment):
    """Runs a command on a terminal; its screen at a moment and at the end, as lines."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES=str(LINES))
        os.execvp(command[0], command)
    began, middle = time.monotonic(), None
    while True:
        try:
            if select.select([terminal], [], [], 0.1)[0]:
                stream.feed(os.read(terminal, 65536))
        except OSError:
            break
        if middle is None and time.monotonic() - began > moment:
            middle = list(screen.display)
    os.waitpid(child, 0)
    return middle or [], list(screen.display)


def shown(console, lines, title):
    console.print(Text(title, style="bold cyan"))
    for line in lines:
        if not line.strip():
            continue
        text = Text(line.rstrip())
        text.highlight_regex(r"best [-\d.e]+", "bold green")
        text.highlight_regex(r"← best", "green")
        text.highlight_regex(r"█+", "green")
        text.highlight_regex(r"\(hidden\)", "dim")
        console.print(text, soft_wrap=False, overflow="crop")


def main():
    mlestar, task, budget, moment, target = sys.argv[1:]
    with tempfile.TemporaryDirectory() as state:
        command = [mlestar, "run", task, "--budget", budget, "--state", state, "--out", "/tmp/mlestar-picture"]
        middle, end = record(command, float(moment))
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))
    name = os.path.basename(task.rstrip("/"))
    shown(console, middle, f"$ mlestar run {name} --budget {budget} --out results")
    console.print(Text("⋮", style="dim"))
    said = [line.replace("/tmp/mlestar-picture", "results") for line in end if line.strip()]
    shown(console, said[-7:], "")
    console.save_svg(target, title="mlestar")


if __name__ == "__main__":
    main()
