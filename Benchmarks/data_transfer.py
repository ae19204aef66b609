"""1 GB of data to two workers that do not see the coordinator's files, beside a plain copy over loopback.

    data_transfer.py PROGRAMS TASK MIB ROUNDS curve|open RESULTS.jsonl

PROGRAMS is the folder with mlestar and mlestar-worker, TASK a small task folder, of which a copy gets MIB of random bytes beside
its tables. In each of ROUNDS rounds, one after the other: a plain copy (one process reads the files and sends them over TCP to two that
write them down; 1 MiB at a time, nothing is hashed or encrypted), and a fresh coordinator and two fresh workers of which each fetches the
data for its first job. Timed from the first fetch's begin to the last one's end, reading, hashing and the manifest included. Before each
side all free memory is touched and given back: a virtual machine pays for the first use of each page, and its host takes back what
was free for some seconds. One line of JSON a round; `ratio` is our rate over that of the plain copy.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

PIECE = 1 << 20
SENDER = """
import socket, sys, threading, time
port, paths = int(sys.argv[1]), sys.argv[2:]
def serve(peer):
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(1 << 20):
                peer.sendall(piece)
    peer.close()
with socket.create_server(("127.0.0.1", port)) as server:
    print("ready", flush=True)
    threads = [threading.Thread(target=serve, args=(server.accept()[0],)) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
RECEIVER = """
import socket, sys
buffer = memoryview(bytearray(1 << 20))
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as line, open(sys.argv[2], "wb", buffering=0) as file:
    while count := line.recv_into(buffer):
        file.write(buffer[:count])
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class WarmMemory:
    """Memory that the machine has; free from `release` on, and for some seconds still the machine's."""

    def __init__(self):
        available = int(re.search(r"MemAvailable: +(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) >> 10
        mebibytes = max(1, available - 2048)
        flags = "mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE"
        code = f"import mmap, sys; held = mmap.mmap(-1, {mebibytes} << 20, {flags}); print(flush=True); sys.stdin.read()"
        self.holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        os.sync()

    def release(self):
        self.holder.communicate()


def plain(files, folder):
    """Seconds of the plain copy to two processes."""
    port = free_port()
    sender = subprocess.Popen([sys.executable, "-c", SENDER, str(port), *files], stdout=subprocess.PIPE)
    sender.stdout.readline()
    began = time.monotonic()
    receivers = [subprocess.Popen([sys.executable, "-c", RECEIVER, str(port), f"{folder}/copy-{n}"]) for n in (1, 2)]
    codes = [process.wait(600) for process in [*receivers, sender]]
    seconds = time.monotonic() - began
    size = sum(os.path.getsize(file) for file in files)
    if any(codes) or any(os.path.getsize(f"{folder}/copy-{n}") != size for n in (1, 2)):
        sys.exit("the plain copy failed")
    for n in (1, 2):
        os.unlink(f"{folder}/copy-{n}")
    return seconds


class Fetch(threading.Thread):
    """Reads a worker's log: when its fetch began and ended."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.began, self.ended, self.bytes, self.lines = process, None, None, 0, []
        self.start()

    def run(self):
        for text in self.process.stderr:
            self.lines.append(text)
            line = json.loads(text) if text.startswith("{") else {}
            message = line.get("message")
            if message == "fetching data from the coordinator":
                self.began = self.began or time.monotonic()
            elif message == "data to fetch":
                self.bytes += int(line["bytes"])
            elif message == "data is here":
                self.ended = self.ended or time.monotonic()


def ours(programs, task, folder, secured, memory):
    """Seconds from the first fetch's begin to the last one's end, and the bytes of both."""
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    state = f"{folder}/state"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = []

    def start(command, **options):
        started.append(subprocess.Popen(command, **options))
        return started[-1]

    try:
        keys = []
        if secured:
            subprocess.run([f"{programs}/mlestar", "keys", "new", "bench", "--state", state], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
            keys = ["--key", f"{folder}/bench.key"]
        start([f"{programs}/mlestar", "serve", "--bind", endpoint, "--state", state], **quiet)
        subprocess.run([f"{programs}/mlestar", "submit", task, "--state", state, "--out", f"{folder}/out",
                        "--budget", "30m"], check=True, **quiet)
        wait_for_jobs(f"{state}/journal.sqlite")
        memory.release()
        fetches = [
            Fetch(start([f"{programs}/mlestar-worker", "--coordinator", endpoint, "--name", f"bench-{n}", "--folder",
                         f"{folder}/worker-{n}", "--slots", "1", "--no-shared-files", "--log-format", "json", *keys],
                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
            for n in (1, 2)
        ]
        deadline = time.monotonic() + 900
        while not all(fetch.ended for fetch in fetches):
            if time.monotonic() > deadline or any(process.poll() is not None for process in started):
                sys.exit("the data did not come:\n" + "".join(line for fetch in fetches for line in fetch.lines[-20:]))
            time.sleep(0.01)
        seconds = max(fetch.ended for fetch in fetches) - min(fetch.began for fetch in fetches)
        return seconds, sum(fetch.bytes for fetch in fetches)
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_jobs(journal):
    """Until the search wants scripts to be run, so that the mounts are made and nothing else is to do."""
    for _ in range(6_000):
        try:
            connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
            if connection.execute("SELECT count(*) FROM jobs").fetchone()[0] > 0:
                return
        except sqlite3.OperationalError:
            pass  # it is being made
        time.sleep(0.05)
    sys.exit("the search wants nothing")


def main():
    if len(sys.argv) != 7 or sys.argv[5] not in ("curve", "open"):
        sys.exit(__doc__)
    programs, source, mebibytes, rounds, security, results = sys.argv[1:]
    programs = os.path.abspath(programs)
    for number in range(int(rounds)):
        with tempfile.TemporaryDirectory(prefix="data-transfer", ignore_cleanup_errors=True) as folder:
            task = f"{folder}/task"
            shutil.copytree(source, task)
            pathlib.Path(task, "recordings").mkdir()
            files = []
            for name in "abcdefgh":  # numbers would look like the ids of rows
                files.append(f"{task}/recordings/{name}.bin")
                with open(files[-1], "wb") as file:
                    for _ in range(int(mebibytes) // 8):
                        file.write(os.urandom(PIECE))
            memory = WarmMemory()
            memory.release()
            plain_seconds = plain(files, folder)
            our_seconds, our_bytes = ours(programs, task, folder, security == "curve", WarmMemory())
        size = int(mebibytes) // 8 * 8 * PIECE
        line = {
            "mebibytes": size >> 20, "workers": 2, "security": security, "round": number,
            "plain_seconds": round(plain_seconds, 2), "plain_mb_per_s": round(2 * size / plain_seconds / 1e6),
            "our_seconds": round(our_seconds, 2), "our_mb_per_s": round(our_bytes / our_seconds / 1e6),
            "ratio": round(our_bytes / our_seconds / (2 * size / plain_seconds), 2),
        }
        print(json.dumps(line), flush=True)
        with open(results, "a", encoding="utf-8") as file:
            print(json.dumps(line), file=file)


if __name__ == "__main__":
    main()
