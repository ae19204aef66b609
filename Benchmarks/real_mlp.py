"""Does RealMLP train in the environment `tabular-deep`, in the worker's sandbox?

    real_mlp.py WORKER TASK RESULTS.jsonl

TASK is the folder that `deploy/demo_task.py` makes. The script below runs twice, as jobs do; a line of JSON with both outcomes is
added to RESULTS. The environment is made by `mlestar-worker env create tabular-deep`.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

KEPT = ["ending", "sandbox", "selfReported", "submissionHash", "wallSeconds", "cpuSeconds", "peakMemoryBytes", "environment"]
SCRIPT = """
import os
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from pytabkit import RealMLP_TD_Regressor

train, test = pd.read_csv("input/train.csv"), pd.read_csv("input/test.csv")
names = [name for name in test.columns if name != "id"]
seed = int(os.environ["MLESTAR_SEED"])


def model():
    return RealMLP_TD_Regressor(n_cv=1, n_refit=0, random_state=seed, device="cpu", verbosity=0)


order = np.random.default_rng(seed).permutation(len(train))
fit, held_out = train.iloc[order[60:]], train.iloc[order[:60]]
guess = model().fit(fit[names], fit["progression"]).predict(held_out[names]).ravel()
plain = np.sqrt(np.mean((fit["progression"].mean() - held_out["progression"]) ** 2))
error = np.sqrt(np.mean((guess - held_out["progression"]) ** 2))
test["progression"] = model().fit(train[names], train["progression"]).predict(test[names]).ravel()
Path("final").mkdir(exist_ok=True)
test[["id", "progression"]].to_csv("final/submission.csv", index=False)
print("pytabkit", version("pytabkit"), "the mean:", round(float(plain), 2))
print(f"Final Validation Performance: {error:.4f}")
"""


def main():
    worker, task, results = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "solution.py")
        script.write_text(SCRIPT)
        printed = subprocess.run(
            [worker, "exec", script, "--input", task, "--env", "tabular-deep", "--json", "--cores", "2", "--repeats", "2"],
            capture_output=True, text=True)
    outcomes = [json.loads(line) for line in printed.stdout.splitlines()]
    if len(outcomes) != 2:
        sys.exit(f"the worker printed {printed.stdout!r} and said {printed.stderr}")
    line = json.dumps({"first": outcomes[0]["log"].splitlines()[0], "runs": [{key: run[key] for key in KEPT} for run in outcomes]})
    with open(results, "a") as file:
        print(line, file=file)
    print(line)


if __name__ == "__main__":
    main()
