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
from grading import graded, metric_of

SCORERS = {
    "auc": "roc_auc", "accuracy": "accuracy", "macro_f1": "f1_macro", "logloss": "log_loss", "rmse": "root_mean_squared_error",
    "mae": "mean_absolute_error", "rmsle": "root_mean_squared_error",
}


def answered(task, metric, seed, seconds, folder):
    """AutoGluon's submission."""
    train, test, sample = (pd.read_csv(task / f"{part}.csv") for part in ("train", "test", "sample_submission"))
    identity = sample.columns[0]
    (target,) = set(train.columns) - set(test.columns)
    train = train.sample(frac=1, random_state=seed, ignore_index=True).drop(columns=identity)
    if metric == "rmsle":
        train[target] = np.log1p(train[target])
    kind = "regression" if metric in ("rmse", "mae", "rmsle") else None  # else it may take whole numbers for classes
    predictor = TabularPredictor(target, problem_type=kind, eval_metric=SCORERS[metric], path=folder, verbosity=0)
    predictor.fit(train, presets="best_quality", time_limit=seconds)
    asked = test.drop(columns=identity)
    if metric == "logloss":
        return pd.concat([test[[identity]], predictor.predict_proba(asked)], axis=1)
    if metric == "auc":
        answer = predictor.predict_proba(asked)[predictor.class_labels[-1]]
    else:
        answer = predictor.predict(asked)
    return test[[identity]].assign(**{target: np.expm1(answer) if metric == "rmsle" else answer})


def measured(task, key, seed, seconds):
    metric = metric_of(key)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        score = graded(key, answered(task, metric, seed, seconds, folder))
    return {"task": task.name, "metric": metric, "seed": seed, "seconds": seconds, "wall_s": round(time.monotonic() - begin, 1),
            "load": round(os.getloadavg()[1], 1), "autogluon": score}


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
