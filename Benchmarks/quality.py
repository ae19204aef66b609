"""What does the search add? Graded on answers, beside its own best first script and an equal-budget best-of-n.

    quality.py MLESTAR TASKS ANSWERS SEEDS BUDGET RESULTS.jsonl [--together | --search-only] [TASK ...]

For every task and seed from 0 to SEEDS-1 two runs of the same budget and seed, and so the same split:

- search: the default configuration;
- best-of-n: as many first scripts (recipes, then recipes with one plan carried out) as the time allows; the best on the
  hidden score is refitted and handed in.

Each run has a state folder of its own, so none can use what another has trained. They run one after another, each on all cores; with
--together side by side, each on a core of its own, so that whatever else the machine does is shared; with --search-only there is no
best-of-n. The search's best first script, by its hidden score, is trained on all rows outside the product, so that all three had all
rows. All three submissions are graded on the answers, and compared by a paired bootstrap over the answers' rows.
One line of JSON per task and seed; what is in the file already is not run again. The file is summed up at the end.
"""

import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from grading import METRICS

CONFIGURATIONS = {
    "search": "",
    "best-of-n": "search: {solutions: 1, candidates: 256, outer_steps: 0, ensemble: best-of-n}\n",
}


def start(mlestar, task, name, seed, budget, folder, core=None):
    configuration = pathlib.Path(folder, f"{name}.yaml")
    configuration.write_text(CONFIGURATIONS[name])
    arguments = [mlestar, "run", task, "--config", configuration, "--seed", seed, "--budget", budget, "--json",
                 "--state", f"{folder}/{name}", "--out", f"{folder}/{name}-out"]
    if core is not None:
        arguments = ["taskset", "-c", core, *arguments]
    return subprocess.Popen([str(part) for part in arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def finished(process):
    output, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(f"a run ended with {process.returncode}: {output}")
    return json.loads(output)


def best_first_script(folder, run, better):
    """The path and text of the first script with the best hidden score."""
    journal = sqlite3.connect(f"{folder}/search/journal.sqlite")
    scores = journal.execute("SELECT path, value FROM scores WHERE run = ? AND part = 'search'", (run,)).fetchall()
    first = [(value, path) for path, value in scores if re.fullmatch(r"solution-\d+/candidate-\d+/evaluate", path)]
    path = (max if better == "higher" else min)(first)[1]
    request = journal.execute("SELECT request FROM steps WHERE run = ? AND path = ?", (run, path)).fetchone()[0]
    return path, json.loads(request)["script"], len(scores)


def trained_on_all_rows(script, task, folder):
    """The submission of a script on the task's own files."""
    box = pathlib.Path(folder, "box")
    box.mkdir()
    os.symlink(task.resolve(), box / "input")
    (box / "solution.py").write_text(script)
    (box / "final").mkdir()
    python = os.environ.get("MLESTAR_PYTHON", sys.executable)
    subprocess.run([python, "solution.py"], cwd=box, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return box / "final" / "submission.csv"


def columns(answers_file, submissions, metric):
    """The truth and each submission's predictions, in the answers' order."""
    function, _, kind = METRICS[metric["metric"]]
    answers = pd.read_csv(answers_file, dtype=str)
    target, identity = metric["target"], metric["id"]
    found = []
    for file in submissions:
        table = pd.read_csv(file, dtype=str).set_index(identity)
        found.append(table.loc[answers[identity], target].astype(kind).to_numpy())
    truth = answers[target].astype(int if metric["metric"] == "auc" else kind).to_numpy()
    return function, truth, found


def compared(function, higher, truth, mine, other, resamples=1000):
    """How much better `mine` is: on all rows, the middle 90 % of resamples, and the share of resamples above 0."""
    generator = np.random.default_rng(0)
    sign = 1 if higher else -1
    differences = []
    for _ in range(resamples):
        rows = generator.integers(0, len(truth), len(truth))
        if len(np.unique(truth[rows])) < 2:
            continue
        differences.append(sign * (function(truth[rows], mine[rows]) - function(truth[rows], other[rows])))
    whole = sign * (function(truth, mine) - function(truth, other))
    low, high = np.quantile(differences, [0.05, 0.95])
    share = float(np.mean(np.array(differences) > 0) + 0.5 * np.mean(np.array(differences) == 0))
    return {"improvement": whole, "low": float(low), "high": float(high), "probability": share}


def measured(mlestar, task, key, seed, budget, together, search_only):
    description = json.loads((key / "metric.json").read_text())
    identity, target = pd.read_csv(task / "sample_submission.csv", nrows=1).columns[:2]
    metric = {"metric": description["metric"], "target": target, "id": identity}
    with tempfile.TemporaryDirectory() as folder:
        if together:
            running = [start(mlestar, task, name, seed, budget, folder, core) for core, name in enumerate(CONFIGURATIONS)]
            search, best_of_n = [finished(process) for process in running]
        else:
            names = ["search"] if search_only else CONFIGURATIONS
            search, *others = [finished(start(mlestar, task, name, seed, budget, folder)) for name in names]
            best_of_n = others[0] if others else None
        line = graded(task, key, metric, folder, search, best_of_n)
    return {
        "task": task.name, "metric": metric["metric"], "seed": seed, "budget": budget, "together": together,
        "load": round(os.getloadavg()[1], 1), **line,
    }


def graded(task, key, metric, folder, search, best_of_n):
    """The scores of the runs in a folder, and how they compare; `best_of_n` is None where there was none."""
    path, script, _ = best_first_script(folder, search["run"], search["better"])
    files = [f"{folder}/search-out/submission.csv", trained_on_all_rows(script, task, folder)]
    if best_of_n:
        files.append(f"{folder}/best-of-n-out/submission.csv")
    function, truth, (mine, first, *drawn) = columns(key / "answers.csv", files, metric)
    higher = METRICS[metric["metric"]][1]
    score = lambda answer: float(function(truth, answer))
    line = {
        "search": score(mine), "first": score(first), "scripts": search["trials"], "best_first": path,
        "reason": search["reason"], "members": len(search.get("members") or []) or 1,
        "over_first": compared(function, higher, truth, mine, first),
    }
    if best_of_n:
        line |= {"best_of_n": score(drawn[0]), "n": best_of_n["trials"],
                 "over_best_of_n": compared(function, higher, truth, mine, drawn[0])}
    return line


def summary(lines):
    for name in sorted({line["task"] for line in lines}):
        runs = [line for line in lines if line["task"] == name]
        mean = lambda field: np.mean([run[field] for run in runs if field in run] or [np.nan])
        print(f"{name} ({runs[0]['metric']}, {len(runs)} seeds): search {mean('search'):.5f}, "
              f"best first script {mean('first'):.5f}, best-of-n {mean('best_of_n'):.5f}")
        for field, words in (("over_first", "best first script"), ("over_best_of_n", "best-of-n")):
            found = [run[field] for run in runs if field in run]
            if not found:
                continue
            values = np.array([comparison["improvement"] for comparison in found])
            error = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else float("nan")
            better = sum(comparison["probability"] > 0.5 for comparison in found)
            print(f"  over {words}: {values.mean():+.5f} ± {error:.5f} over seeds; better on {better} of {len(found)}; "
                  f"mean bootstrap probability {np.mean([comparison['probability'] for comparison in found]):.2f}")


def main():
    together, search_only = "--together" in sys.argv, "--search-only" in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    mlestar, tasks, answers, seeds, budget, results = words[:6]
    names = words[6:] or ["telco-churn", "diamond-prices", "image-regions"]
    file = pathlib.Path(results)
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    done = {(line["task"], line["seed"], line["budget"], line["together"]) for line in lines}
    for seed in range(int(seeds)):
        for name in names:
            if (name, seed, budget, together) in done:
                continue
            line = measured(mlestar, pathlib.Path(tasks, name), pathlib.Path(answers, name), seed, budget, together, search_only)
            lines.append(line)
            with file.open("a") as out:
                print(json.dumps(line), file=out)
            print(name, seed, {key: line.get(key) for key in ("search", "first", "best_of_n", "scripts", "n")}, flush=True)
    summary(lines)


if __name__ == "__main__":
    main()
