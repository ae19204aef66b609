# frame: constants, reading, validation and the submission
#
# Constants written as __NAME__ are filled in from the task.

# --- block: setup ---
import os
from pathlib import Path

import numpy as np
import pandas as pd

ID = __ID__
TARGET = __TARGET__
KIND = __KIND__
METRIC = __METRIC__
CLASSES = __CLASSES__
POSITIVE = __POSITIVE__
GUESSES = __GUESSES__  # classes named per row
COLUMNS = __COLUMNS__  # what the submission predicts: its column and the class meant, if one is
FEATURES = __FEATURES__
CATEGORIES = __CATEGORIES__
CODES = __CODES__  # whole numbers that rows share: they may stand for things
DATES = __DATES__
DAY_FIRST = __DAY_FIRST__  # dates that are written with the day before the month
TEXTS = __TEXTS__
SEED = int(os.environ.get("MLESTAR_SEED", "__SEED__")) % 2**31
CORES = int(os.environ.get("MLESTAR_CORES", "1"))

# --- block: load ---
def read_table(path):
    """Every field as text, so that ids and labels keep their form; empty fields are missing."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def typed(table):
    """The columns to learn from: numbers, dates as days, categories and texts without gaps."""
    columns = {}
    for name in FEATURES:
        if name in CATEGORIES or name in TEXTS:
            columns[name] = table[name].fillna("")
        elif name in DATES:
            columns[name] = as_days(table[name], day_first=name in DAY_FIRST)
        else:
            numbers = pd.to_numeric(table[name], errors="coerce").astype(float)
            columns[name] = numbers.replace([np.inf, -np.inf], np.nan)
    return pd.DataFrame(columns)


def labelled(table):
    """The rows whose target is a class of the task, or a number where numbers are predicted."""
    if KIND == "regression":
        known = pd.to_numeric(table[TARGET], errors="coerce").notna()
    else:
        known = table[TARGET].isin(CLASSES)
    return table[known].reset_index(drop=True)


def numbers_of(table):
    """The number columns with a value in some row: not every model can do with none."""
    return list(table.select_dtypes("number").dropna(axis=1, how="all").columns)


def categories_of(table):
    return [name for name in table.select_dtypes(exclude="number").columns if name not in TEXTS]


def category_places(encoder):
    """Where an encoded table holds codes of at most 255 categories, which have no order."""
    first = encoder.output_indices_.get("categories", slice(0, 0)).start
    known = getattr(encoder.named_transformers_.get("categories"), "categories_", [])
    return [first + number for number, values in enumerate(known) if len(values) <= 255]


def trained(name, table, target, seed):
    """The member trained on these rows, or as ./model holds it; kept there if that is wanted."""
    rows = f"{len(table)}-{int(table.index.to_numpy().sum())}"
    file = Path("./model") / f"{name}-{seed}-{rows}.pickle"
    if not file.exists() and os.environ.get("MLESTAR_KEEP_MODEL") != "1":
        return MEMBERS[name](table, target, seed)
    import cloudpickle

    if not file.exists():
        file.write_bytes(cloudpickle.dumps(MEMBERS[name](table, target, seed)))
    return cloudpickle.loads(file.read_bytes())


train = read_table("./input/train.csv")
test = read_table("./input/test.csv")
train = labelled(train)
train_table, test_table = typed(train), typed(test)

# --- adjust: load / dates ---
# when: dates
# code: before train
def as_days(column, day_first):
    """Dates as days since 1970; whether the day is read first does not depend on the rows."""
    moments = pd.to_datetime(column, errors="coerce", format="mixed", utc=True, dayfirst=day_first)
    return (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)

# --- block: validate ---
FOLDS = 5
REPORTED = os.environ.get("MLESTAR_SCORE_LINE") != "optional"


def deal_rows(answers, parts, seed):
    """The part each row is held out with: every class or size is spread evenly, and the only row
    of a class is never held out (-1)."""
    order = np.lexsort((np.random.default_rng(seed).random(len(answers)), answers))
    part = np.empty(len(answers), dtype=int)
    part[order] = np.arange(len(answers)) % parts
    if KIND != "regression":
        values, rows = np.unique(answers, return_counts=True)
        part[np.isin(answers, values[rows == 1])] = -1
    return part


part = deal_rows(truth, FOLDS, SEED)
held_out, rounds = [], []
for number in range(max(WEIGHING_FOLDS, DECIDING_FOLDS, int(REPORTED))):
    held_out.append(np.flatnonzero(part == number))
    asked = train_table.loc[part == number]
    rounds.append(predict_members(np.flatnonzero(part != number), asked, SEED))
if rounds:
    answers = truth[np.concatenate(held_out)]
    held_parts = [np.concatenate(pieces) for pieces in zip(*rounds)]
    weights = choose_weights(held_parts, answers)
    blended = blend(held_parts, weights)
    decision = choose_decision(blended, answers)
    print(f"Final Validation Performance: {score(answers, decide(blended, decision)):.10g}")
else:
    weights, decision = choose_weights([], None), choose_decision(None, None)

# --- block: submit ---
# when: map
submission = pd.DataFrame({ID: test[ID]})
best = np.argsort(-answer, axis=1)[:, :GUESSES]
for column in COLUMNS:
    submission[column] = [" ".join(CLASSES[code] for code in row) for row in best]
Path("./final").mkdir(exist_ok=True)
submission.to_csv("./final/submission.csv", index=False)

# --- block: submit ---
# when: classification, probabilities
submission = pd.DataFrame({ID: test[ID]})
for column, label in COLUMNS.items():
    submission[column] = answer[:, CLASSES.index(label)]
Path("./final").mkdir(exist_ok=True)
submission.to_csv("./final/submission.csv", index=False)

# --- block: submit ---
# when: qwk, classification
submission = pd.DataFrame({ID: test[ID]})
for column in COLUMNS:
    submission[column] = np.array(CLASSES, dtype=object)[answer]
Path("./final").mkdir(exist_ok=True)
submission.to_csv("./final/submission.csv", index=False)

# --- block: submit ---
# when: classification
submission = pd.DataFrame({ID: test[ID]})
for column in COLUMNS:
    submission[column] = np.array(CLASSES, dtype=object)[answer]
Path("./final").mkdir(exist_ok=True)
submission.to_csv("./final/submission.csv", index=False)
if len(COLUMNS) == 1 and predicted.size <= 2_000_000:
    # What stands behind the labels: ensembles average it instead of counting votes.
    wanted = pd.DataFrame(leaning(predicted, decision), columns=CLASSES)
    wanted = pd.concat([test[[ID]], wanted], axis=1)
    wanted.to_csv("./final/probabilities.csv", index=False, float_format="%.6g")

# --- block: submit ---
# when: regression, labels
submission = pd.DataFrame({ID: test[ID]})
for column in COLUMNS:
    submission[column] = [str(int(round(number))) for number in answer]
Path("./final").mkdir(exist_ok=True)
submission.to_csv("./final/submission.csv", index=False)

# --- block: submit ---
submission = pd.DataFrame({ID: test[ID]})
for column in COLUMNS:
    submission[column] = answer
Path("./final").mkdir(exist_ok=True)
submission.to_csv("./final/submission.csv", index=False)
