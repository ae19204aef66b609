"""How long a journal of many steps takes to open: a submitted run is given steps in one transaction, then `mlestar list` is timed.

    python3 Benchmarks/million_steps.py .build/release/mlestar TASK [STEPS] [FILE]

`list` opens the journal, checks its schema, and reads all runs with their states; the process start is in the time.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time


def main():
    mlestar, task = os.path.abspath(sys.argv[1]), sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        state = ["--state", f"{folder}/state"]
        submit = [mlestar, "submit", task, *state, "--out", f"{folder}/out", "--model", "playbook", "--budget", "5m"]
        run = subprocess.run(submit, capture_output=True, text=True, check=True).stdout.split()[-1]
        journal = sqlite3.connect(f"{folder}/state/journal.sqlite")
        digest = hashlib.sha256(b"request").hexdigest()
        journal.executemany(
            "INSERT INTO steps (run, path, kind, request_hash, request, state, answer, asked_at, answered_at) "
            "VALUES (?, ?, 'ask', ?, ?, 'answered', ?, 1.0, 2.0)",
            ((run, f"solution-{n % 4}/outer-{n // 400}/inner-{n}", digest, f'{{"script":"script {n} of a long search"}}',
              f'{{"score":{n}}}') for n in range(count)))
        journal.commit()
        journal.close()
        times = []
        for _ in range(5):
            began = time.monotonic()
            subprocess.run([mlestar, "list", *state], capture_output=True, check=True)
            times.append(round(time.monotonic() - began, 3))
        line = json.dumps({
            "what": "journal", "steps": count, "bytes": os.path.getsize(f"{folder}/state/journal.sqlite"), "list_seconds": times})
    print(line)
    if len(sys.argv) > 4:
        with open(sys.argv[4], "a", encoding="utf-8") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
