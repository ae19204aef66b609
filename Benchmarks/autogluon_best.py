"""How good is AutoGluon's best preset on the same tasks in the same time? Graded as `quality.py` grades.

    python -m venv /tmp/autogluon
    /tmp/autogluon/bin/pip install 'autogluon.tabular[lightgbm,catboost,xgboost]==1.6.3'
    /tmp/autogluon/bin/python autogluon_best.py TASKS ANSWERS SEEDS SECONDS RESULTS.jsonl [TASK ...]

AutoGluon gets the training rows as the task's folder has them, in an order drawn by the seed, less the id column, and all cores; SECONDS is its
time limit for training. For RMSLE it predicts the logarithm. One line of JSON per task and seed; what is in the file already is not run again.
"""

import json
import os
import pathlib
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor
from quality import METRICS

SCORERS = {"auc": "roc_auc", "macro_f1": "f1_macro", "rmsle": "root_mean_squared_error"}


def answered(task, metric, identity, target, seed, seconds, folder):
    """AutoGluon's answer for each test row, by id."""
    train, test = (pd.read_csv(task / f"{part}.csv") for part in ("train", "test"))
    train = train.sample(frac=1, random_state=seed, ignore_index=True).drop(columns=identity)
    if metric == "rmsle":
        train[target] = np.log1p(train[target])
    predictor = TabularPredictor(target, eval_metric=SCORERS[metric], path=folder, verbosity=0)
    predictor.fit(train, presets="best_quality", time_limit=seconds)
    asked = test.drop(columns=identity)
    if metric == "auc":
        answer = predictor.predict_proba(asked)[predictor.class_labels[-1]]
    else:
        answer = predictor.predict(asked)
    return pd.Series((np.expm1(answer) if metric == "rmsle" else answer).to_numpy(), test[identity])


def measured(task, key, seed, seconds):
    metric = json.loads((key / "metric.json").read_text())["metric"]
    identity, target = pd.read_csv(task / "sample_submission.csv", nrows=1).columns[:2]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        answer = answered(task, metric, identity, target, seed, seconds, folder)
    answers = pd.read_csv(key / "answers.csv")
    function, _, kind = METRICS[metric]
    score = function(answers[target].astype(int if metric == "auc" else kind), answer.loc[answers[identity]].astype(kind).to_numpy())
    return {"task": task.name, "metric": metric, "seed": seed, "seconds": seconds, "wall_s": round(time.monotonic() - begin, 1),
            "load": round(os.getloadavg()[1], 1), "autogluon": float(score)}


def main():
    tasks, answers, seeds, seconds, results, *names = sys.argv[1:]
    file = pathlib.Path(results)
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    done = {(line["task"], line["seed"], line["seconds"]) for line in lines}
    for seed in range(int(seeds)):
        for name in names or ["telco-churn", "diamond-prices", "image-regions"]:
            if (name, seed, int(seconds)) in done:
                continue
            line = measured(pathlib.Path(tasks, name), pathlib.Path(answers, name), seed, int(seconds))
            with file.open("a") as out:
                print(json.dumps(line), file=out)
            print(line, flush=True)


if __name__ == "__main__":
    main()
