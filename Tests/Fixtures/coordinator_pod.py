"""Starts a coordinator as its pod in deploy/kubernetes does, on a folder that is like a fresh volume, and does to it what the
guide says.

    coordinator_pod.py DEPLOY PROGRAMS TASK FOLDER

DEPLOY holds README.md and kubernetes/, PROGRAMS the built programs, TASK is handed in, FOLDER is made. Needs root: the pod's user
is another one.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml

USER = 10001


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Pod:
    """What a node would run, with the volume's folder in the place of /state."""

    def __init__(self, manifest, programs, folder):
        self.spec = manifest["spec"]["template"]["spec"]
        self.security = self.spec["securityContext"]
        self.volume, self.log = folder / "volume", folder / "log"
        self.path = f"{programs}:{os.environ['PATH']}"
        container = self.spec["containers"][0]
        self.ports = {port["name"]: (port["containerPort"], free_port()) for port in container["ports"]}
        self.container, self.process = container, None
        # A fresh volume belongs to root, and the node gives it to the pod's group.
        self.volume.mkdir(parents=True)
        os.chown(self.volume, 0, self.security["fsGroup"])
        self.volume.chmod(0o2770)

    def words(self, words):
        text = "\0".join(words).replace("/state", str(self.volume)).replace("0.0.0.0", "127.0.0.1")
        for declared, real in self.ports.values():
            text = text.replace(f":{declared}", f":{real}")
        return text.split("\0")

    def options(self, container):
        variables = {entry["name"]: self.words([entry["value"]])[0] for entry in container["env"]}
        return dict(
            env={"PATH": self.path, **variables}, user=self.security["runAsUser"], group=self.security["runAsGroup"],
            extra_groups=[self.security["fsGroup"]], cwd="/",
        )

    def run(self, words, container=None):
        """Runs a command in a container to its end; gives what it printed."""
        options = self.options(container or self.container)
        result = subprocess.run(self.words(words), capture_output=True, text=True, timeout=120, **options)
        if result.returncode:
            sys.exit(f"{words}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def start(self):
        if self.security.get("fsGroupChangePolicy") != "OnRootMismatch":
            # The node opens everything to the group, each time.
            for path in self.volume.rglob("*"):
                path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))
        for container in self.spec["initContainers"]:
            self.run(container["command"], container)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["mlestar", *self.words(self.container["args"])], stdout=log, stderr=log, **self.options(self.container)
            )
        for _ in range(300):
            if self.process.poll() is not None:
                sys.exit(f"the coordinator ended:\n{self.log.read_text()}")
            if self.is_ready():
                return
            time.sleep(0.1)
        sys.exit(f"never ready:\n{self.log.read_text()}")

    def is_ready(self):
        probe = self.container["readinessProbe"]
        kind, place = next((kind, probe[kind]) for kind in ("httpGet", "tcpSocket") if kind in probe)
        port = self.ports[place["port"]][1]
        try:
            if kind == "tcpSocket":
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return True
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{place['path']}", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            finally:
                # One that did not end by itself is an error, and must not stay.
                self.process.kill()


def follow(guide, pod, task, folder):
    """Does what the guide's lines of kubectl say."""
    done = 0
    for line in guide.splitlines():
        if match := re.match(r"kubectl -n mlestar exec mlestar-coordinator-0 -- ([^>#]*)(?:>(\S+))?", line):
            printed = pod.run(match[1].split())
            if match[2]:
                (folder / match[2]).write_text(printed)
            done += 1
        elif match := re.match(r"kubectl -n mlestar cp my-task mlestar-coordinator-0:(\S+)", line):
            place = pathlib.Path(pod.words([match[1]])[0])
            shutil.copytree(task, place.parent / "copy")
            for path in [place.parent / "copy", *(place.parent / "copy").rglob("*")]:
                os.chown(path, USER, USER)
            (place.parent / "copy").rename(place)
            done += 1
        elif "secret generic mlestar-worker-key" in line:
            file = folder / re.search(r"--from-file=worker=(\S+)", line)[1]
            if not file.exists() or not file.read_text().startswith("mlestar worker key"):
                sys.exit(f"there is no key for the secret yet: {line}")
            done += 1
    if done < 7:
        sys.exit(f"only {done} lines of the guide were found")


def main():
    deploy, programs, task, folder = map(pathlib.Path, sys.argv[1:])
    manifest = yaml.safe_load((deploy / "kubernetes" / "coordinator.yaml").read_text())
    guide = (deploy / "README.md").read_text().split("## Kubernetes")[1].split("\n## ")[0]
    folder.mkdir()
    pod = Pod(manifest, programs, folder)
    try:
        pod.start()
        follow(guide, pod, task, folder)
        pod.stop()
        pod.start()
        if not all([pod.is_ready() for _ in range(3)]):
            sys.exit("not ready when it was asked again")
    finally:
        pod.stop()
    if "refused a peer" in pod.log.read_text():
        sys.exit(f"its own probes were refused:\n{pod.log.read_text()}")
    print("fine")


main()
