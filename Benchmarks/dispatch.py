"""Handing out jobs, beside others: the protocol alone, and short Python scripts. All ways take turns in one run on one machine.

    python3 Benchmarks/dispatch.py --dispatch Benchmarks/.build/release/DispatchRate --worker .build/release/mlestar-worker \
        --python ~/.mlestar/envs/core/bin/python --ray RAY_PYTHON [--jobs 5000] [--slots 512] [--rounds 3] [--out FILE]

  protocol   jobs that are answered at once, on two workers of so many slots. Ours: distinct jobs, each submission, assignment and outcome on disk
             (synchronous=FULL) before anybody is told. Beside it a Ray task that does nothing, which is on no disk, and a bare ZeroMQ
             ROUTER and DEALER that echo 200 bytes, which is no engine but the floor of the transport.
  scripts    the same short script (imports numpy and pandas) 40 times, two at a time: on our workers in their sandbox, warm and
             fresh; on Ray in a new process for each, without a sandbox.

RAY_PYTHON is an interpreter with ray, pyzmq, numpy and pandas. One line of JSON for each round and way; at the end the ratios of medians.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

SCRIPT = """import numpy
import pandas
frame = pandas.DataFrame(numpy.random.default_rng(1).normal(size=(200, 4))).mean()
open("final/submission.csv", "w").write("id,y\\n" + "".join(f"{n},0.5\\n" for n in range(1, 41)))
"""
RAY_TASKS = """
import json, sys, time
import ray
count = int(sys.argv[1])
ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)

@ray.remote
def nothing(number):
    return number

ray.get([nothing.remote(n) for n in range(100)])
began = time.perf_counter()
assert ray.get([nothing.remote(n) for n in range(count)]) == list(range(count))
seconds = time.perf_counter() - began
times = []
for _ in range(200):
    began = time.perf_counter()
    ray.get(nothing.remote(0))
    times.append(time.perf_counter() - began)
times.sort()
print(json.dumps({"per_second": count / seconds, "one_at_a_time_p50_us": times[100] * 1e6, "p99_us": times[198] * 1e6}))
"""
ECHO = """
import json, multiprocessing, sys, time
import zmq

def worker(port):
    socket = zmq.Context().socket(zmq.DEALER)
    socket.connect(f"tcp://127.0.0.1:{port}")
    socket.send(b"")
    while (message := socket.recv()) != b"end":
        socket.send(message)

count, window, body = int(sys.argv[1]), int(sys.argv[2]), b"x" * 200
router = zmq.Context().socket(zmq.ROUTER)
port = router.bind_to_random_port("tcp://127.0.0.1")
workers = [multiprocessing.Process(target=worker, args=(port,)) for _ in range(2)]
for process in workers:
    process.start()
names = [router.recv_multipart()[0] for _ in workers]

def burst(total, window):
    left = total
    for name in names * window:
        if left:
            router.send_multipart([name, body])
            left -= 1
    for _ in range(total):
        name, _ = router.recv_multipart()
        if left:
            router.send_multipart([name, body])
            left -= 1

burst(200, window)
began = time.perf_counter()
burst(count, window)
seconds = time.perf_counter() - began
times = []
for _ in range(200):
    began = time.perf_counter()
    burst(1, 1)
    times.append(time.perf_counter() - began)
times.sort()
for name in names:
    router.send_multipart([name, b"end"])
for process in workers:
    process.join(5)
print(json.dumps({"per_second": count / seconds, "one_at_a_time_p50_us": times[100] * 1e6, "p99_us": times[198] * 1e6}))
"""
RAY_SCRIPTS = """
import json, os, subprocess, sys, tempfile, time
import ray
text, count = open(sys.argv[1]).read(), int(sys.argv[2])
ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)

@ray.remote(num_cpus=1)
def run(number):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + "/final")
        open(folder + "/solution.py", "w").write(f"{text}\\n# {number}\\n")
        return subprocess.run([sys.executable, "solution.py"], cwd=folder, stdout=subprocess.DEVNULL).returncode

ray.get([run.remote(n) for n in range(4)])
began = time.perf_counter()
assert not any(ray.get([run.remote(n) for n in range(count)]))
print(json.dumps({"per_second": count / (time.perf_counter() - began)}))
"""


def said(command):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))[:200]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--dispatch", "--worker", "--python", "--ray"):
        parser.add_argument(name, required=True)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--scripts", type=int, default=40)
    parser.add_argument("--slots", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {"script.py": SCRIPT, "ray_tasks.py": RAY_TASKS, "echo.py": ECHO, "ray_scripts.py": RAY_SCRIPTS}
        for name, text in files.items():
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        jobs, scripts, slots = str(options.jobs), str(options.scripts), str(options.slots)
        ours = [options.dispatch, "scripts", scripts, "2", os.path.abspath(options.worker), f"{folder}/script.py", "--python", options.python]
        ways = {
            ("protocol", "mlestar"): [options.dispatch, "protocol", jobs, "2", slots],
            ("protocol", "ray"): [options.ray, f"{folder}/ray_tasks.py", jobs],
            ("protocol", "zeromq_echo"): [options.ray, f"{folder}/echo.py", jobs, slots],
            ("scripts", "mlestar_warm"): ours,
            ("scripts", "mlestar_fresh"): [*ours, "--no-warm-start"],
            ("scripts", "ray_new_process"): [options.ray, f"{folder}/ray_scripts.py", f"{folder}/script.py", scripts],
        }
        rates, singles = {}, {}
        for number in range(options.rounds):
            for (what, way), command in ways.items():
                load = os.getloadavg()[0]
                figures = said(command)
                rates.setdefault((what, way), []).append(figures["per_second"])
                singles.setdefault((what, way), []).append(figures.get("one_at_a_time_p50_us", 0))
                tell(options, {**figures, "what": what, "way": way, "round": number, "load_before": round(load, 1)})
    median = {key: statistics.median(values) for key, values in rates.items()}
    single = {key: statistics.median(values) for key, values in singles.items()}
    tell(options, {
        "what": "ratios", "burst_to_ray": median["protocol", "mlestar"] / median["protocol", "ray"],
        "burst_to_echo": median["protocol", "mlestar"] / median["protocol", "zeromq_echo"],
        "one_at_a_time_to_ray": single["protocol", "ray"] / single["protocol", "mlestar"],
        "scripts_warm_to_ray": median["scripts", "mlestar_warm"] / median["scripts", "ray_new_process"],
        "scripts_fresh_to_ray": median["scripts", "mlestar_fresh"] / median["scripts", "ray_new_process"],
    })


def tell(options, figures):
    line = json.dumps({key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()})
    print(line, flush=True)
    if options.out:
        with open(options.out, "a", encoding="utf-8") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
