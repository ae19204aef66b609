"""Time from a request to a script's first own line, and short scripts per second: warm, fresh, and beside others.

    python3 Benchmarks/warm_start.py --worker .build/release/mlestar-worker --python ~/.mlestar/envs/core/bin/python \
        [--ray RAY_PYTHON] [--rounds 8] [--scripts 40] [--out Benchmarks/results/warm-start.jsonl]

Every way runs the same script, whose imports are numpy, pandas, scikit-learn and lightgbm:

  latency    `mlestar-worker exec`, fresh and warm by turns, in the same sandbox; the script's own clock tells when its first line
             after the imports is reached. "fresh" starts an interpreter, "warm" finds the imports done.
  ahead      the other way to be warm: an interpreter started ahead inside a sandbox of bubblewrap, used once
  sustained  scripts per second, two at a time: `mlestar-worker exec` warm and fresh, interpreters started ahead, a plain loop
             of `python script.py` without a sandbox, and Ray (RAY_PYTHON: an interpreter with ray and the packages above), whose
             workers run the script in a process that has run others before, and in a new one

One line of JSON for each result is added to the file. The load of the machine before the run is noted.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

IMPORTS = "import numpy\nimport pandas\nimport sklearn.ensemble\nimport sklearn.model_selection\nimport lightgbm\n"
SCRIPT = IMPORTS + """import time
print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
table = numpy.random.default_rng(1).normal(size=(200, 4))
frame = pandas.DataFrame(table).mean()
open("final/submission.csv", "w").write("id,p\\n1,%f\\n" % frame.iloc[0])
"""
RAY = """
import json, os, subprocess, sys, tempfile, time
import ray
text, count, way = open(sys.argv[1]).read(), int(sys.argv[2]), sys.argv[3]
ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)

@ray.remote(num_cpus=1)
def run(number):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + "/final")
        if way == "process":
            open(folder + "/solution.py", "w").write(text)
            return subprocess.run([sys.executable, "solution.py"], cwd=folder, stdout=subprocess.DEVNULL).returncode
        os.chdir(folder)
        exec(compile(text, "solution.py", "exec"), {"__name__": "__main__"})
        os.chdir("/")
        return 0

ray.get([run.remote(n) for n in range(4)])
began = time.monotonic()
assert not any(ray.get([run.remote(n) for n in range(count)]))
print(json.dumps(time.monotonic() - began))
"""
# An interpreter started ahead: it imports, says so, waits for the name of its script, and becomes it.
AHEAD = IMPORTS + """import sys
sys.stdout.write("ready\\n"); sys.stdout.flush()
name = sys.stdin.readline().strip()
sys.stdin.close()
exec(compile(open(name).read(), name, "exec"), {"__name__": "__main__", "__file__": name})
"""


def execute(options, script, *more):
    """Outcomes of `mlestar-worker exec` on a script."""
    command = [options.worker, "exec", script, "--python", options.python, "--cores", "1", "--json", *more]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def latency(outcome):
    return float(outcome["log"].split()[0]) - outcome["askedAt"]


def sandboxed(options, folder):
    base = pathlib.Path(options.python).resolve().parent.parent
    prefix = pathlib.Path(options.python).parent.parent
    return [
        "bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
        "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--ro-bind", str(base), str(base),
        "--ro-bind", str(prefix), str(prefix), "--proc", "/proc", "--dev", "/dev", "--bind", folder, "/job",
        "--chdir", "/job", "--setenv", "OMP_NUM_THREADS", "1", "--setenv", "OPENBLAS_NUM_THREADS", "1",
    ]


class Ahead:
    """One interpreter that waits for its script in a sandbox."""

    def __init__(self, options, script):
        self.folder = tempfile.TemporaryDirectory()
        os.makedirs(f"{self.folder.name}/final")
        pathlib.Path(self.folder.name, "ahead.py").write_text(AHEAD)
        pathlib.Path(self.folder.name, "solution.py").write_text(pathlib.Path(script).read_text())
        command = [*sandboxed(options, self.folder.name), options.python, "ahead.py"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self):
        """Waits until it is ready, runs the script to its end: the time to its first line."""
        assert self.process.stdout.readline() == "ready\n"
        asked = time.clock_gettime(time.CLOCK_MONOTONIC)
        self.process.stdin.write("solution.py\n")
        self.process.stdin.close()
        first = float(self.process.stdout.readline())
        assert self.process.wait() == 0
        self.folder.cleanup()
        return first - asked


def in_two_threads(count, body):
    """Seconds for `count` calls, two at a time."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if next(numbers, None) is None:
                    return
            body()

    began = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def plain(options, script):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/final")
        variables = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
        subprocess.run([options.python, script], cwd=folder, env=variables, stdout=subprocess.DEVNULL, check=True)


def sustained_by_worker(options, script, count, *more):
    outcomes = execute(options, script, "--repeats", str(count), "--parallel", "2", *more)
    assert all(outcome["ending"] == "succeeded" for outcome in outcomes), outcomes[0]
    return max(o["endedAt"] for o in outcomes) - min(o["askedAt"] for o in outcomes)


def sustained_ahead(options, script, count):
    """Two slots, each of which starts the next interpreter when it takes one."""
    waiting = [Ahead(options, script) for _ in range(2)]
    lock = threading.Lock()

    def body():
        with lock:
            mine = waiting.pop(0)
            waiting.append(Ahead(options, script))
        mine.run()

    seconds = in_two_threads(count, body)
    for left in waiting:
        left.process.kill()
        left.process.wait()
        left.folder.cleanup()
    return seconds


def measure(options, script, tell):
    fresh, warm, ahead = [], [], []
    execute(options, script, "--repeats", "2")  # files are in the machine's cache afterwards
    for _ in range(options.rounds):
        fresh += [latency(o) for o in execute(options, script, "--repeats", "2", "--no-warm-start")]
        warm += [latency(o) for o in execute(options, script, "--repeats", "6")]
        ahead.append(Ahead(options, script).run())
    tell("latency", fresh_seconds=summary(fresh), warm_seconds=summary(warm), ahead_seconds=summary(ahead),
         times_faster=round(statistics.median(fresh) / statistics.median(warm), 1),
         times_faster_ahead=round(statistics.median(fresh) / statistics.median(ahead), 1))
    few = max(4, options.scripts // 4)
    rates = {
        "worker_warm": options.scripts / sustained_by_worker(options, script, options.scripts),
        "worker_fresh": few / sustained_by_worker(options, script, few, "--no-warm-start"),
        "ahead": few / sustained_ahead(options, script, few),
        "plain_loop": few / in_two_threads(few, lambda: plain(options, script)),
    }
    if options.ray:
        for way, count in (("same_process", options.scripts), ("process", few)):
            command = [options.ray, "-c", RAY, script, str(count), way]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            rates[f"ray_{way}"] = count / float(told.splitlines()[-1])
    tell("sustained", scripts_per_second={name: round(rate, 2) for name, rate in rates.items()}, slots=2)


def summary(values):
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 4), "least": round(ordered[0], 4), "most": round(ordered[-1], 4),
        "count": len(ordered),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--ray")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--scripts", type=int, default=40)
    parser.add_argument("--out")
    options = parser.parse_args()
    options.worker, options.python = os.path.abspath(options.worker), os.path.abspath(options.python)
    load = os.getloadavg()[0]

    def tell(what, **figures):
        line = json.dumps({"what": what, **figures, "load_before": round(load, 1), "cores": os.cpu_count()})
        print(line, flush=True)
        if options.out:
            with open(options.out, "a", encoding="utf-8") as file:
                file.write(line + "\n")

    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(SCRIPT)
        script.flush()
        measure(options, script.name, tell)


if __name__ == "__main__":
    sys.exit(main())
