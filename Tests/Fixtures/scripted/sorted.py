"""Writes a task whose ids and row order give every answer away: even ids are positive and come last.

    python3 sorted.py FOLDER
"""
import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
chance = random.Random(3)


def rows(first, count):
    found = []
    for number in range(first, first + count):
        label = 1 - number % 2
        found.append((number, round(chance.gauss(label, 1.2), 6), round(chance.gauss(0, 1), 6), label))
    return sorted(found, key=lambda row: (row[3], row[0]))


def write(name, header, lines):
    (folder / name).write_text("\n".join([header] + [",".join(map(str, line)) for line in lines]) + "\n")


train, test = rows(1, 3000), rows(3001, 500)
write("train.csv", "id,x,z,label", train)
write("test.csv", "id,x,z", [row[:3] for row in test])
write("sample_submission.csv", "id,label", [(row[0], 0.5) for row in test])
(folder / "description.md").write_text(
    "# Sorted\n\nTell two kinds of things apart.\n\n## Evaluation\n\nArea under the ROC curve (AUC).\n"
)
