"""Is the data of a large task copied for each job?

    large_task.py MLESTAR RESULTS.jsonl [GIGABYTES]

Makes a task whose training table and side file together have GIGABYTES (default 1), runs a search of a few scripts on it with
two workers, and looks ten times a second at what lies in the workers' job folders (links and mounted folders not followed).
One line of JSON: bytes of the task, of the mounts made for the run, and the largest sum of bytes seen in job folders, which
is what would grow if a job copied its data. Exits with 1 when that is more than a hundredth of the task.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

CONFIGURATION = """search: {solutions: 1, candidates: 3, outer_steps: 1, inner_steps: 2, ensemble: best-of-n}
evaluation: {maximum_training_rows: 20000, maximum_holdout_rows: 5000, folds: 1}
execution: {reuse_outcomes: false, workers: 2}
"""


def make(folder, size):
    """A table of numbers of about a tenth of `size` bytes, and a file that every script could read for the rest."""
    generator = np.random.default_rng(0)
    columns = 8
    line = columns * 10 + 12
    rows = size // 10 // line
    header = "id," + ",".join(f"x{number}" for number in range(columns)) + ",y\n"
    with open(folder / "train.csv", "w") as file:
        file.write(header)
        for start in range(0, rows, 50_000):
            count = min(50_000, rows - start)
            values = generator.random((count, columns))
            target = values @ np.arange(columns) + generator.normal(0, 0.3, count)
            for row in range(count):
                file.write(f"{start + row + 1}," + ",".join(f"{value:.7f}" for value in values[row]) + f",{target[row]:.4f}\n")
    values = generator.random((2_000, columns))
    with open(folder / "test.csv", "w") as file:
        file.write(header.replace(",y\n", "\n"))
        for row in range(2_000):
            file.write(f"{rows + row + 1}," + ",".join(f"{value:.7f}" for value in values[row]) + "\n")
    with open(folder / "sample_submission.csv", "w") as file:
        file.write("id,y\n" + "".join(f"{rows + row + 1},0.0\n" for row in range(2_000)))
    with open(folder / "pictures.bin", "wb") as file:
        for _ in range(size * 9 // 10 >> 20):
            file.write(generator.bytes(1 << 20))
    (folder / "description.md").write_text("# Large\n## Evaluation\nRMSE. Lower is better.\n")


def bytes_below(folder):
    """Bytes of plain files below a folder, each inode once; links and other file systems are not followed."""
    total, seen, stack = 0, set(), [folder]
    device = None
    while stack:
        try:
            for entry in os.scandir(stack.pop()):
                status = entry.stat(follow_symlinks=False)
                device = device or status.st_dev
                if entry.is_dir(follow_symlinks=False):
                    if status.st_dev == device:
                        stack.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and status.st_ino not in seen and status.st_nlink == 1:
                    seen.add(status.st_ino)
                    total += status.st_size
        except OSError:
            continue  # it went while we looked
    return total


def main():
    mlestar, results = sys.argv[1:3]
    size = int(float(sys.argv[3]) * (1 << 30)) if len(sys.argv) > 3 else 1 << 30
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        task = folder / "task"
        task.mkdir()
        make(task, size)
        task_bytes = bytes_below(task)
        (folder / "configuration.yaml").write_text(CONFIGURATION)
        began = time.monotonic()
        run = subprocess.Popen(
            [mlestar, "run", task, "--config", folder / "configuration.yaml", "--budget", "10m", "--state", folder / "state",
             "--out", folder / "out", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        most = 0
        while run.poll() is None:
            for workers in (folder / "state" / "runs").glob("*/workers/*/jobs"):
                most = max(most, bytes_below(workers))
            time.sleep(0.1)
        record = json.loads(run.stdout.read())
        line = {
            "task_bytes": task_bytes, "mount_bytes": bytes_below(folder / "state" / "evaluations"),
            "scripts": record["trials"], "most_bytes_in_job_folders": most, "score": record["searchScore"]["value"],
            "seconds": round(time.monotonic() - began, 1),
        }
    print(json.dumps(line))
    with open(results, "a") as file:
        print(json.dumps(line), file=file)
    sys.exit(line["most_bytes_in_job_folders"] > line["task_bytes"] / 100)


if __name__ == "__main__":
    main()
