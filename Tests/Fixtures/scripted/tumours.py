"""Writes a real task in Kaggle's style: the breast-cancer measurements that scikit-learn ships.

    python3 tumours.py FOLDER
"""
import pathlib
import sys

from sklearn.datasets import load_breast_cancer

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rows = load_breast_cancer(as_frame=True).frame.sample(frac=1, random_state=7).reset_index(drop=True)
rows.insert(0, "id", range(1, len(rows) + 1))
train, test = rows.iloc[:400], rows.iloc[400:]
train.to_csv(folder / "train.csv", index=False)
test.drop(columns="target").to_csv(folder / "test.csv", index=False)
test[["id"]].assign(target=0.5).to_csv(folder / "sample_submission.csv", index=False)
(folder / "description.md").write_text(
    "# Tumours\n\nTell benign tumours from malignant ones by what is measured of their cells.\n\n"
    "## Evaluation\n\nArea under the ROC curve (AUC) of the probability of `target`.\n"
)
