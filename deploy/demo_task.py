"""Makes the demonstration's competition folder, or grades a submission to it.

    demo_task.py FOLDER                      writes FOLDER/{description.md,train.csv,test.csv,sample_submission.csv}
    demo_task.py --grade FOLDER SUBMISSION   prints the AUC on the test rows

The rows are the 569 diagnoses of the Wisconsin breast-cancer data that scikit-learn ships. A third of them is the test
set; their answers stay out of the folder and are made anew for grading.
"""

import pathlib
import sys

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

DESCRIPTION = """# Breast-cancer diagnoses

## Task
Each row describes the cell nuclei in an image of a fine-needle aspirate by thirty measurements.
Predict the probability that the tumour is malignant (`malignant` = 1).

## Evaluation
**AUC** (area under the ROC curve). Higher is better.

## Files
`train.csv` with `malignant`, `test.csv` without, `sample_submission.csv`.

## Submission format
```
id,malignant
12,0.31
```
"""


def tables():
    """The training rows and the test rows, both with labels, in an order that tells nothing."""
    rows = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "malignant"})
    rows["malignant"] = 1 - rows["malignant"]
    rows = rows.iloc[np.random.default_rng(7).permutation(len(rows))].reset_index(drop=True)
    rows.insert(0, "id", np.arange(1, len(rows) + 1))
    return rows.iloc[190:], rows.iloc[:190]


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    train, test = tables()
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns="malignant").to_csv(folder / "test.csv", index=False)
    test[["id"]].assign(malignant=0.5).to_csv(folder / "sample_submission.csv", index=False)
    (folder / "description.md").write_text(DESCRIPTION, encoding="utf-8")


def grade(submission):
    import pandas as pd

    test = tables()[1]
    answers = test[["id", "malignant"]].merge(pd.read_csv(submission), on="id", suffixes=("", "_predicted"))
    if len(answers) != len(test):
        sys.exit(f"the submission has {len(answers)} of {len(test)} rows")
    print(f"AUC on the test rows: {roc_auc_score(answers.malignant, answers.malignant_predicted):.4f}")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        make(pathlib.Path(sys.argv[1]))
    elif len(sys.argv) == 4 and sys.argv[1] == "--grade":
        grade(sys.argv[3])
    else:
        sys.exit(__doc__)
