"""What idle processes hold in memory: a coordinator that serves nobody's run, and a worker that waits, with their children.

    python3 Benchmarks/idle.py .build/release/mlestar .build/release/mlestar-worker ~/.mlestar/envs/core/bin/python [FILE]

Resident and proportional (PSS: shared pages divided among those who share them) mebibytes, after twenty quiet seconds. A worker's
children are its launcher, in Python, and the launcher's spare supervisor; before the first script nothing is imported for any.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def memory(process):
    fields = {}
    for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name] = int(value) / 1024
    return fields["Rss:"], fields["Pss:"]


def below(process):
    children = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    found = []
    for task in os.listdir(f"/proc/{process}/task"):
        found += pathlib.Path(f"/proc/{process}/task/{task}/children").read_text().split()
    return [child for number in sorted(set(found + children)) for child in (number, *below(number))]


def main():
    coordinator, worker, python = map(os.path.abspath, sys.argv[1:4])
    with tempfile.TemporaryDirectory() as folder:
        door = f"ipc://{folder}/door"
        serving = subprocess.Popen([coordinator, "serve", "--bind", door, "--state", f"{folder}/state"], stderr=subprocess.DEVNULL)
        waiting = subprocess.Popen(
            [worker, "--coordinator", door, "--name", "w1", "--folder", f"{folder}/w1", "--python", python],
            stderr=subprocess.DEVNULL)
        try:
            time.sleep(20)
            children = [memory(child) for child in below(waiting.pid)]
            figures = {
                "coordinator_rss_mib": memory(serving.pid)[0], "coordinator_pss_mib": memory(serving.pid)[1],
                "worker_rss_mib": memory(waiting.pid)[0], "worker_pss_mib": memory(waiting.pid)[1],
                "worker_children_pss_mib": sum(pss for _, pss in children), "worker_children": len(children),
            }
        finally:
            for process in (waiting, serving):
                process.terminate()
                process.wait(60)
    line = json.dumps({name: round(value, 1) for name, value in figures.items()})
    print(line)
    if len(sys.argv) > 4:
        with open(sys.argv[4], "a", encoding="utf-8") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
