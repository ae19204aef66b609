"""How good is each recipe's first script on real tables?

    first_scripts.py run MLESTAR FOLDER RESULTS.jsonl [TASK ...]
    first_scripts.py table RESULTS.jsonl

`run` lets mlestar score the first script of every recipe that suits a task, and grades what each predicts for the test rows by the
answers: for all tasks in FOLDER/tasks (`real_tables.py make` writes some) or those named. A script that is scored on several parts predicts
with the mean of what it learnt from each. One line of JSON per task; a task that is in the file already is not run again. `table` prints
the scores.
"""

import argparse
import json
import pathlib
import sqlite3
import subprocess
import tempfile

import pandas as pd
from grading import graded, metric_of

# As many scripts as there are recipes for a task at most: none is left for merges.
RECIPES = 10
CONFIGURATION = f"""budget: 30m
evaluations: {RECIPES}
search: {{solutions: 1, candidates: {RECIPES}, outer_steps: 0, ensemble: none}}
"""
SCRIPTS = """SELECT path, json_extract(request, '$.script') FROM steps
    WHERE run = ? AND path LIKE 'solution-1/candidate-%/evaluate' AND state = 'answered'"""


def call(*arguments):
    return subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, check=True).stdout


def scores(mlestar, task, key):
    """The score of each recipe's first script, by its title."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "configuration.yaml").write_text(CONFIGURATION)
        options = ["--config", folder / "configuration.yaml", "--state", folder / "state", "--out", folder / "out", "--json"]
        run = json.loads(call(mlestar, "run", task, *options))["run"]
        found = {}
        with sqlite3.connect(folder / "state/journal.sqlite") as journal:
            scripts = journal.execute(SCRIPTS, (run,)).fetchall()
        # Where a task has fewer recipes, plans for some are tried as well: after all first scripts.
        for step, script in sorted(scripts, key=lambda found: int(found[0].split("/")[1].removeprefix("candidate-"))):
            title = script.splitlines()[0].removeprefix("# ").split(f" for {task.name}")[0]
            if title in found:
                continue
            call(mlestar, "submission", run, step, "--state", folder / "state", "--out", folder / "submission.csv")
            found[title] = graded(key, pd.read_csv(folder / "submission.csv"))
        return found


def run(mlestar, folder, results, names):
    done = {json.loads(line)["task"] for line in results.read_text().splitlines()} if results.exists() else set()
    for name in names:
        if name in done:
            continue
        key = folder / "answers" / name
        line = {"task": name, "metric": metric_of(key), "scores": scores(mlestar, folder / "tasks" / name, key)}
        with results.open("a") as file:
            print(json.dumps(line), file=file)
        print(line, flush=True)


def table(results):
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    print(pd.DataFrame({line["task"]: line["scores"] for line in lines}).T.round(4).to_string())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="score and grade the first scripts")
    running.add_argument("mlestar")
    running.add_argument("folder", type=pathlib.Path)
    running.add_argument("results", type=pathlib.Path)
    running.add_argument("tasks", nargs="*", metavar="TASK", help="all in the folder unless named")
    showing = commands.add_parser("table", help="print the scores of a file")
    showing.add_argument("results", type=pathlib.Path)
    options = parser.parse_args()
    if options.command == "run":
        there = sorted(task.name for task in options.folder.glob("tasks/*"))
        if unknown := set(options.tasks) - set(there):
            parser.error(f"no such task in {options.folder}: {', '.join(sorted(unknown))}; there are {', '.join(there)}")
        run(options.mlestar, options.folder, options.results, options.tasks or there)
    else:
        table(options.results)


if __name__ == "__main__":
    main()
