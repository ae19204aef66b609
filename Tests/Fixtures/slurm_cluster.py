"""A real Slurm cluster of one machine, for tests: munge, a controller and a compute daemon, all with sockets, ports and
files of their own. Prints the path of its slurm.conf when a node is idle, and ends with its standard input.

    slurm_cluster.py FOLDER

Needs root and the packages slurm-wlm and munge. Exit code 77 when they are not there.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

CONF = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,batch_sched_delay=0
KillWait=15
MinJobAge=300
MpiDefault=none
ReturnToService=2
SwitchType=switch/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def missing():
    programs = ["slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo", "munged"]
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    gone = [program for program in programs if shutil.which(program, path=path) is None]
    if gone:
        return f"not installed: {' '.join(gone)} (Debian: slurm-wlm munge)"
    return None if os.geteuid() == 0 else "Slurm's daemons need root"


def ask(*command):
    """What a program of Slurm's prints; nothing where the controller does not answer it in time."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    except subprocess.TimeoutExpired:
        return ""


def main():
    reason = missing()
    if reason:
        print(reason)
        sys.exit(77)
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    folder = pathlib.Path(sys.argv[1])
    for name in ["", "state", "spool"]:
        (folder / name).mkdir(parents=True, exist_ok=True)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    conf = folder / "slurm.conf"
    names = {"host": socket.gethostname().split(".")[0], "folder": folder, "cores": os.cpu_count()}
    conf.write_text(CONF.format(controller=free_port(), daemon=free_port(), **names))
    os.environ["SLURM_CONF"] = str(conf)
    daemons = [
        [
            "munged", "--foreground", "--force", f"--socket={folder}/munge.socket", f"--key-file={key}",
            f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed",
        ],
        ["slurmctld", "-D", "-f", str(conf)],
        ["slurmd", "-D", "-f", str(conf)],
    ]
    running = []
    try:
        for command in daemons:
            log = open(folder / f"{command[0]}.out", "wb")
            running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
            time.sleep(0.5)
        for _ in range(120):
            state = ask("sinfo", "-h", "-o", "%T").strip()
            if state == "idle":
                break
            time.sleep(0.25)
        else:
            sys.exit(f"no node came up: '{state}'; see {folder}")
        print(conf, flush=True)
        sys.stdin.read()
        ask("scancel", "--me", "--full", "--signal=KILL")
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


main()
