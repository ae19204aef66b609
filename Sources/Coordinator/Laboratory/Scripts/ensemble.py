"""Runs the scripts below one after another, each as it was found, and combines what they predict.

Every member gets a working folder of its own with the same ./input; its ./final/submission.csv is taken with its weight.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ID = __ID__
COLUMNS = __COLUMNS__  # what the submission predicts, and how it is combined: mean, ranks, votes or guesses
GUESSES = __GUESSES__  # how many guesses a row may hold
WEIGHTS = __WEIGHTS__
MEMBERS = {}

__MEMBERS__


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def predictions_of(name, source):
    """What a member predicts, in the order of the sample submission."""
    folder = Path("working") / name
    (folder / "final").mkdir(parents=True, exist_ok=True)
    (folder / "working").mkdir(exist_ok=True)
    (Path("model") / name).mkdir(parents=True, exist_ok=True)
    for shared, target in (("input", Path("input")), ("model", Path("model") / name)):
        if not (folder / shared).exists():
            os.symlink(target.resolve(), folder / shared)
    (folder / "solution.py").write_text(source, encoding="utf-8")
    printed = subprocess.run([sys.executable, "solution.py"], cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in printed.splitlines():
        print(f"{name}: {line}" if "Validation Performance" not in line else f"{name} says {line.rpartition(':')[2]}")
    found = re.findall(r"Final Validation Performance\s*[:=]\s*([-+\d.eE]+)", printed)
    return read(folder / "final" / "submission.csv").set_index(ID), float(found[-1]) if found else None


def combined(fields, sort, weights):
    """One column of the answer from the members' columns, given as a list of series."""
    if sort in ("mean", "ranks"):
        numbers = np.array([pd.to_numeric(column).to_numpy(dtype=float) for column in fields])
        if sort == "ranks":
            numbers = np.array([(pd.Series(row).rank().to_numpy() - 0.5) / len(row) for row in numbers])
        return np.average(numbers, axis=0, weights=weights)
    rows = []
    for answers in zip(*fields):
        worth = {}
        for answer, weight in zip(answers, weights):
            guesses = answer.split() if sort == "guesses" else [answer]
            for place, guess in enumerate(guesses):
                worth[guess] = worth.get(guess, 0) + weight / (place + 1)
        best = sorted(worth, key=lambda guess: -worth[guess])
        rows.append(" ".join(best[:GUESSES]) if sort == "guesses" else best[0])
    return rows


Path("final").mkdir(exist_ok=True)
found = {name: predictions_of(name, source) for name, source in MEMBERS.items()}
tables = [table for table, _ in found.values()]
weights = [WEIGHTS[name] for name in found]
ids = tables[0].index
answer = pd.DataFrame({ID: ids})
for column, sort in COLUMNS.items():
    answer[column] = combined([table.loc[ids, column] for table in tables], sort, weights)
answer.to_csv("final/submission.csv", index=False)
scores = [score for _, score in found.values()]
if None not in scores:
    print(f"Final Validation Performance: {np.average(scores, weights=weights):.6f}")
