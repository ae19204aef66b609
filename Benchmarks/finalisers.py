"""Five ways to make one answer out of the same solutions, each graded on answers.

    finalisers.py MLESTAR TASKS ANSWERS EVALUATIONS RESULTS.jsonl [TASK ...]

For every task one search of three solutions with `ensemble: agent`, of so many scripts; then, from what that run has stored and without
training anything again:

- none: the best script of the first solution
- best-of-n: the best script of all solutions, by the hidden score of the search part
- average: the mean (votes, ranks) of the solutions' best scripts
- weighted: scripts of the whole run with weights found on the search part
- agent: the best of the ensemble scripts that the playbook wrote

Each is the submission of scripts trained without the held-out rows, so none has more rows than another. One line of JSON for each
task; what is in the file already is not run again. At the end the file is printed as a table.
"""

import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

import pandas as pd
from grading import graded

CONFIGURATION = """search: {solutions: 3, candidates: 2, outer_steps: 2, inner_steps: 2, ensemble: agent}
execution: {reuse_outcomes: false}
"""
WAYS = ["none", "best-of-n", "average", "weighted", "agent"]


def searched(mlestar, task, evaluations, folder):
    """The run's name, and the step whose submission stands for each way; `None` where there is none."""
    configuration = pathlib.Path(folder, "configuration.yaml")
    configuration.write_text(CONFIGURATION)
    command = [mlestar, "run", task, "--config", configuration, "--budget", "60m", "--evaluations", evaluations, "--json",
               "--state", f"{folder}/state", "--out", f"{folder}/out"]
    told = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    result = json.loads(told)
    journal = sqlite3.connect(f"{folder}/state/journal.sqlite")
    scores = dict(journal.execute("SELECT path, value FROM scores WHERE run = ? AND part = 'search'", (result["run"],)).fetchall())
    judged = journal.execute("SELECT request FROM steps WHERE run = ? AND path = 'finish-1/judge'", (result["run"],)).fetchone()[0]
    best = max if result["better"] == "higher" else min
    singles = [path for path in re.findall(r'"(solution-[^"]+)"', judged.replace("\\/", "/")) if path in scores]
    written = [path for path in scores if path.startswith("ensemble/")]
    steps = {
        "none": next((path for path in singles if path.startswith("solution-1/")), None),
        "best-of-n": best(singles, key=scores.get), "average": "finish-1/average", "weighted": "finish-1/weighted",
        "agent": best(written, key=scores.get) if written else None,
    }
    return result["run"], {way: path for way, path in steps.items() if path in scores}, scores


def score_of(mlestar, run, step, folder, key):
    """A step's submission, graded on the answers."""
    file = f"{folder}/submission.csv"
    subprocess.run([mlestar, "submission", run, step, "--state", f"{folder}/state", "--out", file], check=True)
    return graded(key, pd.read_csv(file, dtype=str))


def measured(mlestar, task, key, evaluations):
    with tempfile.TemporaryDirectory() as folder:
        run, steps, scores = searched(mlestar, task, evaluations, folder)
        ways = {way: {"search_part": scores[step], "answers": score_of(mlestar, run, step, folder, key)} for way, step in steps.items()}
    return {"task": task.name, "evaluations": int(evaluations), "ways": ways, "load": round(os.getloadavg()[1], 1)}


def main():
    mlestar, tasks, answers, evaluations, results = sys.argv[1:6]
    names = sys.argv[6:] or ["telco-churn", "diamond-prices", "image-regions"]
    file = pathlib.Path(results)
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    for name in names:
        if not any(line["task"] == name for line in lines):
            lines.append(measured(mlestar, pathlib.Path(tasks, name), pathlib.Path(answers, name), evaluations))
            with file.open("a") as out:
                print(json.dumps(lines[-1]), file=out, flush=True)
    print("| task | " + " | ".join(WAYS) + " |")
    for line in lines:
        cells = [line["ways"].get(way) for way in WAYS]
        print(f"| {line['task']} | " + " | ".join(f"{cell['answers']:.4f} ({cell['search_part']:.4f})" if cell else "-" for cell in cells) + " |")


if __name__ == "__main__":
    main()
