"""Do hidden scores tell the truth, and do accepted improvements hold?

    estimates.py MLESTAR TASKS ANSWERS FIRST-LAST BUDGET RESULTS.jsonl [--first-scripts]

For every task folder below TASKS that has answers below ANSWERS (answers.csv, metric.json) and every seed from FIRST to LAST,
mlestar searches with that seed, which also draws the split. Every scored script's submission for the real test rows is
then graded on the answers, outside the product. With --first-scripts nothing is refined: many splits in little time. One line of JSON per run; a run that is in the file already is not repeated.
At the end the file is summed up on standard output:

- estimate: mean over runs of (score of the search part minus score on the answers), over first scripts only because
  later ones were chosen by that very score; beside it the error that the stated standard errors lead to expect. The answers
  are one fixed sample, and all splits are drawn from the same training rows: the errors of both, the stated one scaled to
  their numbers of rows, do not shrink with the number of runs.
- improvements: how many accepted changes score better on the answers than what they replaced.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

CONFIGURATION = """search: {solutions: 1, candidates: 3, outer_steps: OUTER, inner_steps: 3, ablation_variants: 3, ensemble: best-of-n}
evaluation: {folds: 1}
execution: {reuse_outcomes: false}
"""


def call(*arguments):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=True).stdout


def graded(mlestar, run, step, state, answers, metric):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        call(mlestar, "submission", run, step, "--state", state, "--out", file.name)
        found = call(mlestar, "grade", file.name, "--answers", answers, "--metric", metric, "--json")
    return json.loads(found)["score"]


def steps(state, run):
    """The scored scripts and the accepted changes of a run, read from the journal."""
    import sqlite3

    journal = sqlite3.connect(f"{state}/journal.sqlite")
    scores = {
        path: (value, error)
        for path, value, error in journal.execute(
            "SELECT path, value, standard_error FROM scores WHERE run = ? AND part = 'search'", (run,))
    }
    changes = []
    for path, request in journal.execute(
        "SELECT path, request FROM steps WHERE run = ? AND kind = 'note' AND path LIKE '%/decision'", (run,)):
        decision = json.loads(request)
        parent = path.rsplit("/", 1)[0]
        compared = journal.execute(
            "SELECT request FROM steps WHERE run = ? AND path = ?", (run, parent + "/comparison")).fetchone()
        if decision["verdict"] == "accepted" and compared:
            pair = json.loads(compared[0])
            changes.append((parent, pair["candidate"], pair["base"]))
    return scores, changes


def search(mlestar, task, answers, metric, seed, budget, folder, outer_steps):
    configuration = pathlib.Path(folder, "configuration.yaml")
    configuration.write_text(CONFIGURATION.replace("OUTER", str(outer_steps)))
    state = f"{folder}/state"
    result = json.loads(
        call(mlestar, "run", task, "--config", configuration, "--seed", seed, "--budget", budget, "--state", state,
             "--out", f"{folder}/out", "--json"))
    run = result["run"]
    scores, changes = steps(state, run)
    truth = {step: graded(mlestar, run, step, state, answers, metric) for step in scores}
    return {
        "task": task.name, "seed": seed, "budget": budget, "outer_steps": outer_steps, "metric": metric, "better": result["better"],
        "first": [[*scores[step], truth[step]] for step in sorted(scores) if re.search(r"/candidate-\d+/evaluate$", step)],
        "accepted": [[change, truth[candidate], truth[base]] for change, candidate, base in changes],
        "handed_in": graded_final(mlestar, f"{folder}/out/submission.csv", answers, metric),
        "rows": [result["searchScore"]["rows"], *(sum(1 for _ in open(file)) - 1 for file in (answers, task / "train.csv"))],
        "judge": result.get("judgeScore", {}).get("value"),
    }


def graded_final(mlestar, submission, answers, metric):
    return json.loads(call(mlestar, "grade", submission, "--answers", answers, "--metric", metric, "--json"))["score"]


def summary(lines):
    for task in sorted({line["task"] for line in lines}):
        runs = [line for line in lines if line["task"] == task]
        sign = 1 if runs[0]["better"] == "higher" else -1
        first = [entry for run in runs for entry in run["first"]]
        difference = sum(value - truth for value, _, truth in first) / len(first)
        # Scripts of one run share their held-out rows: runs are the independent draws.
        stated = (sum(error**2 for run in runs for error in [max(e for _, e, _ in run["first"])]) ** 0.5) / len(runs)
        one = sum(error for _, error, _ in first) / len(first)
        search, answered, pool = runs[0]["rows"]
        of_answers, of_pool = (one * (search / count) ** 0.5 for count in (answered, pool))
        expected = (stated**2 * (1 - search / pool) + of_answers**2 + of_pool**2) ** 0.5
        inside = sum(abs(value - truth) <= 2 * error * 2**0.5 for value, error, truth in first)
        accepted = [entry for run in runs for entry in run["accepted"]]
        held = sum(sign * (new - old) > 0 for _, new, old in accepted)
        equal = sum(new == old for _, new, old in accepted)
        print(f"{task} ({runs[0]['metric']}, {len(runs)} runs, {len(first)} first scripts, {len(accepted)} accepted changes)")
        print(f"  estimate minus answers: {difference:+.5f}, {abs(difference) / expected:.1f} of its stated error {expected:.5f}"
              f" (of the splits {stated:.5f}, of the training rows {of_pool:.5f}, of the answers {of_answers:.5f}); "
              f"of one score {one:.5f}")
        print(f"  within two standard errors of the difference: {inside} of {len(first)}")
        print(f"  accepted changes that hold on the answers: {held} of {len(accepted)}, {equal} make no difference there")
        print(f"  handed in, mean score on the answers: {sum(run['handed_in'] for run in runs) / len(runs):.5f}")


def main():
    outer_steps = 0 if "--first-scripts" in sys.argv else 2
    mlestar, tasks, answers, seeds, budget, results = [word for word in sys.argv[1:] if word != "--first-scripts"]
    first, last = map(int, seeds.split("-"))
    file = pathlib.Path(results)
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    done = {(line["task"], line["seed"]) for line in lines}
    names = sys.stdin.read().split() if not sys.stdin.isatty() else []
    for seed in range(first, last + 1):
        for task in sorted(pathlib.Path(tasks).iterdir()):
            key = pathlib.Path(answers, task.name)
            if (names and task.name not in names) or not key.exists() or (task.name, seed) in done:
                continue
            metric = json.loads((key / "metric.json").read_text())["metric"]
            with tempfile.TemporaryDirectory() as folder:
                line = search(mlestar, task, key / "answers.csv", metric, seed, budget, folder, outer_steps)
            lines.append(line)
            with file.open("a") as out:
                print(json.dumps(line), file=out)
            print(task.name, seed, line["handed_in"], flush=True)
    summary(lines)


if __name__ == "__main__":
    main()
