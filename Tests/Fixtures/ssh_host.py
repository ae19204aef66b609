"""Drives deploy/ssh/workers.sh against a real sshd on loopback, with keys, port and home folder of its own.

    ssh_host.py SCRIPT PROGRAM FOLDER

Starts, looks at, restarts and stops a real worker, which joins a coordinator with a key. PROGRAM is mlestar-worker; mlestar lies
beside it. Exit code 77 when there is no sshd, 1 when something is not as it should be.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=90, **options)


def expect(condition, what, result=None):
    if not condition:
        sys.exit(f"{what}\n{result.stdout + result.stderr if result else ''}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_coordinator(mlestar, folder, running):
    """Makes the key `lab` and serves with it; gives the address and the key's secret."""
    state = f"--state={folder}/state"
    run(mlestar, "keys", "new", "lab", "--out", str(folder / "key"), state, check=True)
    lines = (folder / "key").read_text().splitlines()
    secret = next(line.removeprefix("secret: ") for line in lines if line.startswith("secret: "))
    address = f"tcp://127.0.0.1:{free_port()}"
    with open(folder / "serve.log", "wb") as log:
        running.append(subprocess.Popen([mlestar, "serve", "--bind", address, state], stdout=log, stderr=log))
    return address, secret


def joined(folder, worker):
    """Waits until the coordinator says that a worker joined."""
    for _ in range(300):
        lines = (folder / "serve.log").read_text().splitlines()
        if any("worker joined" in line and worker in line for line in lines):
            return True
        time.sleep(0.1)
    return False


def start_sshd(folder, running):
    """Starts sshd; gives its port."""
    sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
    if sshd is None:
        print("sshd is not installed (Debian: openssh-server)")
        sys.exit(77)
    port = free_port()
    for name in ["host", "user"]:
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name), check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        f"SetEnv MLESTAR_HOME={folder}/home MLESTAR_PYTHON={os.environ['MLESTAR_PYTHON']}\n"
    )
    with open(folder / "sshd.log", "wb") as log:
        # Nothing of this program's: whoever reads its output would wait for an sshd that is left over.
        command = [sshd, "-D", "-e", "-f", str(folder / "sshd_config")]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.1)
    sys.exit("sshd did not start")


def drive(script, program, folder, port, address, secret):
    """Does with workers.sh what a user does; no worker is left when it is done, however that ends."""
    # `ssh` as the user has it set up: the host's name leads to this sshd.
    client = folder / "bin" / "ssh"
    client.parent.mkdir()
    client.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >>{folder}/argv\n'
        f"exec /usr/bin/ssh -F none -p {port} -i {folder}/user -o HostName=127.0.0.1 -o HostKeyAlias=lab "
        f'-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={folder}/known "$@"\n'
    )
    client.chmod(0o755)
    environment = {**os.environ, "PATH": f"{client.parent}:{os.environ['PATH']}"}
    hosts = folder / "hosts"
    host = "# the lab\ngpu1 --slots 2 --cores 1 --no-warm-start\n"
    hosts.write_text(host)

    def workers(command, *more):
        return run("bash", str(script), command, str(hosts), *more, env=environment)

    try:
        at = ("--coordinator", address)
        result = workers("start", *at)
        expect(result.returncode == 1 and "workers.sh install" in result.stdout, "a missing program was not told", result)
        result = workers("install", "--worker", str(program), "--key", str(folder / "key"))
        expect(result.returncode == 0 and "gpu1: installed bin/mlestar-worker" in result.stdout, "install", result)
        key = folder / "home/keys/worker"
        expect(secret in key.read_text() and key.stat().st_mode & 0o777 == 0o600, "the key file", result)
        result = workers("start", *at)
        expect(result.returncode == 0 and "gpu1: started, process" in result.stdout, "start", result)
        first = result.stdout.split("process ")[1].strip()
        command = pathlib.Path(f"/proc/{first}/cmdline").read_text().split("\0")
        expect(command[command.index("--slots") + 1] == "2" and "gpu1" in command, f"arguments: {command}")
        # The host's name is not the key's: the worker puts the key's before it.
        expect(joined(folder, "lab-gpu1"), f"no worker joined:\n{(folder / 'serve.log').read_text()}")
        result = workers("start", *at)
        expect(f"runs already, process {first}" in result.stdout, "a second start", result)
        result = workers("restart", *at)
        expect(f"ended, process {first}" in result.stdout and "started, process" in result.stdout, "restart", result)
        expect(workers("status").returncode == 0, "status of a running worker")
        result = workers("stop")
        expect(result.returncode == 0 and "gpu1: ended, process" in result.stdout, "stop", result)
        result = workers("status")
        expect(result.returncode == 1 and "gpu1: does not run" in result.stdout, "status of a stopped worker", result)
        expect(secret not in (folder / "argv").read_text(), "a secret was an argument")
        hosts.write_text("gpu1; rm -rf /\n")
        result = workers("status")
        expect(result.returncode == 1 and "characters other than" in result.stderr, "a line that is shell", result)
    finally:
        hosts.write_text(host)
        workers("stop")


def main():
    script, program, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
    folder.mkdir(parents=True)
    running = []
    try:
        port = start_sshd(folder, running)
        address, secret = start_coordinator(str(program.parent / "mlestar"), folder, running)
        drive(script, program, folder, port, address, secret)
    finally:
        for process in reversed(running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
    print("fine")


main()
