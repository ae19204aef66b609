"""Makes the demonstration's competition folder, or grades a submission to it.

    demo_task.py FOLDER                      writes FOLDER/{description.md,train.csv,test.csv,sample_submission.csv}
    demo_task.py --grade FOLDER SUBMISSION   prints the error on the test rows

The rows are the 442 diabetes patients that scikit-learn ships. A third of them is the test set; their answers stay out of
the folder and are made anew for grading.
"""

import pathlib
import sys

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

DESCRIPTION = """# Diabetes progression

## Task
Each row is a patient: age, sex, body-mass index, mean blood pressure and six blood serum measurements (`s1` to `s6`).
Predict `progression`, a measure of how far the disease has come one year later.

## Evaluation
**Root mean squared error (RMSE)**. Lower is better.

## Files
`train.csv` with `progression`, `test.csv` without, `sample_submission.csv`.

## Submission format
```
id,progression
12,140.5
```
"""


def tables():
    """The training rows and the test rows, both with labels, in an order that tells nothing."""
    rows = load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "progression"})
    rows = rows.iloc[np.random.default_rng(7).permutation(len(rows))].reset_index(drop=True)
    rows.insert(0, "id", np.arange(1, len(rows) + 1))
    return rows.iloc[148:], rows.iloc[:148]


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    train, test = tables()
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns="progression").to_csv(folder / "test.csv", index=False)
    test[["id"]].assign(progression=150.0).to_csv(folder / "sample_submission.csv", index=False)
    (folder / "description.md").write_text(DESCRIPTION, encoding="utf-8")


def grade(submission):
    train, test = tables()
    answers = test[["id", "progression"]].merge(pd.read_csv(submission), on="id", suffixes=("", "_predicted"))
    if len(answers) != len(test):
        sys.exit(f"the submission has {len(answers)} of {len(test)} rows")
    error = np.sqrt(np.mean((answers.progression - answers.progression_predicted) ** 2))
    constant = np.sqrt(np.mean((answers.progression - train.progression.mean()) ** 2))
    print(f"RMSE on the {len(test)} test rows: {error:.2f} (always predicting the mean: {constant:.2f})")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        make(pathlib.Path(sys.argv[1]))
    elif len(sys.argv) == 4 and sys.argv[1] == "--grade":
        grade(sys.argv[3])
    else:
        sys.exit(__doc__)
