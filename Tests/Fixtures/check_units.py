"""Checks systemd units with systemd's own verifier, and that it finds a planted mistake; and that they use every variable
which they or the guide speak of.

    check_units.py FOLDER PROGRAMS GUIDE

PROGRAMS is the folder of the built programs: the verifier wants the named ones to exist.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile


def verify(folder, *units):
    """What systemd-analyze says against units."""
    result = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", *units],
        cwd=folder, capture_output=True, text=True, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )
    ours = [line for line in result.stderr.splitlines() if "mlestar" in line]
    return ours + ([f"exit code {result.returncode}"] if result.returncode and not ours else [])


def unused(unit, guide):
    """Variables that a unit's remarks or the guide's lines for its file name, and that its command does not use."""
    text = unit.read_text()
    command = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1]
    told = set(re.findall(r"\b[A-Z]{4,}\b(?!\.)", " ".join(line for line in text.splitlines() if line.startswith("#"))))
    files = {path.split("%")[0] for path in re.findall(r"^EnvironmentFile=-?(\S+?)(?:\.env)?$", text, re.MULTILINE)}
    for values, path in re.findall(r"printf '([^']*)' >(/etc/\S+)\.env", guide):
        if path in files or any(path.startswith(file) for file in files if file.endswith("-")):
            told |= set(re.findall(r"(?:^|\\n)([A-Z]+)=", values))
    # Not variables: what stands for a name or a file.
    return sorted(name for name in told - {"NAME", "FILE"} if not re.search(rf"\$\{{?{name}\b", command))


source, programs, guide = map(pathlib.Path, sys.argv[1:])
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for unit in source.glob("*.service"):
        text = unit.read_text().replace("/usr/local/bin/", f"{programs}/")
        (folder / unit.name.replace("@.", "@gpu0.")).write_text(text)
    units = sorted(path.name for path in folder.iterdir())
    defects = [] if len(units) == 2 else [f"units: {units}"]
    defects += verify(folder, *units)
    for unit in source.glob("*.service"):
        defects += [f"{unit.name} does not use {name}" for name in unused(unit, guide.read_text())]
    broken = folder / "mlestar-broken.service"
    broken.write_text((folder / "mlestar-coordinator.service").read_text().replace("PrivateTmp=", "PrivateTemp="))
    if not verify(folder, broken.name):
        defects.append("a planted mistake was not found")
print("\n".join(defects) if defects else f"{len(units)} units")
sys.exit(1 if defects else 0)
