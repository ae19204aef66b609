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
COLUMNS = __COLUMNS__  # what the submission predicts, and how it is combined: mean, probabilities, ranks, votes or guesses
GUESSES = __GUESSES__  # how many guesses a row may hold
CLASSES = __CLASSES__  # where a row gets one label: those that members may hand in probabilities of
LARGEST = 32 << 20  # bytes of such a file that are looked at
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
    table = read(folder / "final" / "submission.csv").set_index(ID)
    return table, shares_of(table, folder / "final" / "probabilities.csv"), float(found[-1]) if found else None


def shares_of(table, file):
    """How probable each class is in each row, where the script says so and names the most probable one."""
    if not CLASSES or not file.exists() or file.stat().st_size > LARGEST:
        return None
    try:
        found = read(file)
    except ValueError:  # no table
        return None
    if sorted(found.columns) != sorted([ID, *CLASSES]) or sorted(found[ID]) != sorted(table.index):
        return None
    numbers = found.set_index(ID).loc[table.index, CLASSES].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    named = (np.nan_to_num(numbers) * certain(table)).sum(axis=1)
    if not (np.isfinite(numbers).all() and (numbers >= 0).all() and (named > 0).all()):
        return None
    if (named < numbers.max(axis=1) * (1 - 1e-6)).any():
        return None
    return pd.DataFrame(numbers / numbers.sum(axis=1, keepdims=True), index=table.index)


def certain(table):
    """All of each row for the label it names."""
    codes = pd.Index(CLASSES).get_indexer(table[next(iter(COLUMNS))])
    votes = np.zeros((len(codes), len(CLASSES)))
    votes[codes >= 0, codes[codes >= 0]] = 1
    return votes


def most_probable(tables, shares, weights):
    """The classes with the largest weighted mean of the shares' logarithms; of equal ones that which an earlier member names."""
    votes = [certain(table) for table in tables]
    parts = [vote if own is None else own.loc[ids].to_numpy() for vote, own in zip(votes, shares)]
    means = np.average(np.log(np.maximum(parts, 0.001)), axis=0, weights=weights)
    best = means >= means.max(axis=1, keepdims=True) - 1e-5
    preferred = sum(vote * 0.5**place for place, vote in enumerate(votes))
    return np.array(CLASSES, dtype=object)[np.where(best, 1 + preferred, 0).argmax(axis=1)]


def ranks(numbers, file):
    """Where a member's numbers stand, from 0 to 1, among its predictions for the task's test rows.

    These are in ./model once they were kept: rows that come later, or a few of test.csv, stand where they would among all.
    """
    if os.environ.get("MLESTAR_KEEP_MODEL") == "1" and not file.exists():
        np.save(file, np.sort(numbers))
    known = np.load(file) if file.exists() else np.sort(numbers)
    below, upto = (np.searchsorted(known, numbers, side=side) for side in ("left", "right"))
    return (below + upto) / 2 / len(known)


def weighted_mean(numbers, weights):
    """Summed up in the members' order, so that it agrees with the submission to the last digit."""
    total = sum(weights)
    mean = np.zeros(len(numbers[0]))
    for row, weight in zip(numbers, weights):
        mean += weight / total * row
    return mean


def combined(column, tables, weights):
    """One column of the answer from the members' tables."""
    fields, sort = [table[column] for table in tables], COLUMNS[column]
    if sort in ("mean", "probabilities", "ranks"):
        numbers = [pd.to_numeric(field).to_numpy(dtype=float) for field in fields]
        if sort == "ranks":
            files = [Path("model") / f"{name}-{list(COLUMNS).index(column)}.npy" for name in MEMBERS]
            numbers = [ranks(row, file) for row, file in zip(numbers, files)]
        mean = weighted_mean(numbers, weights)
        return mean if sort == "mean" else np.clip(mean, 0, 1)
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
weights = [WEIGHTS[name] for name in found]
ids = next(iter(found.values()))[0].index
tables = [table.loc[ids] for table, _, _ in found.values()]
shares = [own for _, own, _ in found.values()]
answer = pd.DataFrame({ID: ids})
for column in COLUMNS:
    if any(own is not None for own in shares) and all(certain(table).any(axis=1).all() for table in tables):
        answer[column] = most_probable(tables, shares, weights)
    else:
        answer[column] = combined(column, tables, weights)
answer.to_csv("final/submission.csv", index=False)
scores = [score for _, _, score in found.values()]
if None not in scores:
    print(f"Final Validation Performance: {np.average(scores, weights=weights):.10g}")
