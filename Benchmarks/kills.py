"""Kill the coordinator (or a worker) with -9 at random moments, resume, and count what was done twice.

    kills.py MLESTAR TASK coordinator|worker MOMENTS SEED RESULTS.jsonl

For each of MOMENTS random moments (drawn from SEED) a fresh run is started on TASK and, at that moment, the coordinator is
killed; the run is then resumed to its end. With `worker`, a local worker is killed instead and the run goes on by itself.
Counted in the journal: finished steps asked again, finished trainings started again, trainings that ran twice side by side,
attempts repeated. A finished training or step that was repeated is a failure. One line of JSON per moment.
"""

import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

CONFIGURATION = "search: {solutions: 2, candidates: 2, outer_steps: 1, inner_steps: 2, ablation_variants: 2}\n"


def processes(words):
    """Ids of the processes whose command line has all the words."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                line = pathlib.Path("/proc", name, "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if all(word in line for word in words):
                found.append(int(name))
    return found


def one(mlestar, task, victim, moment, folder):
    pathlib.Path(folder, "configuration.yaml").write_text(CONFIGURATION)
    state, out = f"{folder}/state", f"{folder}/out"
    command = [mlestar, "run", task, "--state", state, "--out", out, "--budget", "5m",
               "--config", f"{folder}/configuration.yaml"]
    began = time.monotonic()
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    ended = False
    try:
        first.wait(moment)
        ended = True
    except subprocess.TimeoutExpired:
        pass
    journal = sqlite3.connect(f"{state}/journal.sqlite", timeout=30)
    count = lambda sql: journal.execute(sql).fetchone()[0]
    answered = dict(journal.execute("SELECT path, times_asked FROM steps WHERE state = 'answered'").fetchall())
    if not ended and victim == "coordinator":
        first.kill()
        first.wait()
        run = count("SELECT id FROM runs")
        code = subprocess.run([mlestar, "resume", run, "--state", state], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=600).returncode
    else:
        if not ended:
            for pid in processes(["mlestar-worker", state, "local-1"])[:1]:
                os.kill(pid, signal.SIGKILL)
        code = first.wait(600)
    lines = pathlib.Path(out, "submission.csv").read_text().splitlines()
    sample = pathlib.Path(task, "sample_submission.csv").read_text().splitlines()
    return {
        "victim": victim, "moment_s": round(moment, 2), "steps_answered_before": len(answered), "exit_code": code,
        "ended_before_the_kill": ended, "total_s": round(time.monotonic() - began, 1),
        "steps": count("SELECT count(*) FROM steps"),
        "finished_trainings_repeated": count(
            "SELECT count(*) FROM attempts a JOIN outcomes o ON o.job = a.job AND o.is_late = 0"
            " WHERE a.started_at > o.arrived_at"),
        "finished_steps_asked_again": sum(
            asked > answered.get(path, asked) for path, asked in journal.execute("SELECT path, times_asked FROM steps")),
        "late_outcomes": count("SELECT count(*) FROM outcomes WHERE is_late = 1 AND ending NOT LIKE '%interrupted%'"),
        "attempts_repeated": count("SELECT count(*) FROM attempts") - count("SELECT count(DISTINCT job) FROM attempts"),
        "submission_rows_right": len(lines) == len(sample) and lines[0] == sample[0],
    }


def main():
    mlestar, task, victim, moments, seed, results = sys.argv[1:]
    draws = random.Random(int(seed))
    for _ in range(int(moments)):
        with tempfile.TemporaryDirectory(prefix="kills") as folder:
            line = one(mlestar, task, victim, draws.uniform(1.5, 15), folder)
        print(json.dumps(line), flush=True)
        with open(results, "a") as file:
            print(json.dumps(line), file=file)
        if line["finished_trainings_repeated"] or line["finished_steps_asked_again"] or line["exit_code"] or not line["submission_rows_right"]:
            sys.exit("something finished was done again, or the run did not end well")


if __name__ == "__main__":
    main()
