"""How benchmarks keep answers and grade a submission by them: by the metric that `metric.json` beside them names."""

import json

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, roc_auc_score, root_mean_squared_error

# By name: the score of an answer beside the truth, whether more is better, and what the answers are read as.
METRICS = {
    "auc": (roc_auc_score, True, float),
    "accuracy": (accuracy_score, True, str),
    "macro_f1": (lambda truth, answer: f1_score(truth, answer, average="macro"), True, str),
    "rmse": (root_mean_squared_error, False, float),
    "mae": (mean_absolute_error, False, float),
    "rmsle": (lambda truth, answer: float(np.sqrt(np.mean((np.log1p(answer) - np.log1p(truth)) ** 2))), False, float),
}


def metric_of(key):
    """The name of the metric of the answers in the folder `key`."""
    return json.loads((key / "metric.json").read_text())["metric"]


def write_key(key, answers, metric):
    """The answers, a table of id and target, and the metric in the new folder `key`."""
    key.mkdir(parents=True)
    answers.to_csv(key / "answers.csv", index=False)
    (key / "metric.json").write_text(json.dumps({"metric": metric}))


def graded(key, submission):
    """The score of a table with an id column and the columns of `sample_submission.csv`, by the answers in `key`."""
    answers = pd.read_csv(key / "answers.csv", dtype=str)
    identity, target = answers.columns[:2]
    rows = submission.set_index(submission[identity].astype(str)).loc[answers[identity]]
    metric = metric_of(key)
    if metric == "logloss":
        classes = sorted(answers[target].unique())
        shares = rows[classes].to_numpy(float)
        return float(log_loss(answers[target], shares / shares.sum(axis=1, keepdims=True), labels=classes))
    function, _, kind = METRICS[metric]
    truth = answers[target].astype(int if metric == "auc" else kind)
    return float(function(truth, rows[target].astype(kind).to_numpy()))
