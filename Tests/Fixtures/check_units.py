"""Checks systemd units with systemd's own verifier, and that it finds a planted mistake.

    check_units.py FOLDER PROGRAMS

PROGRAMS is the folder of the built programs: the verifier wants the named ones to exist.
"""

import os
import pathlib
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


source, programs = map(pathlib.Path, sys.argv[1:])
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for unit in source.glob("*.service"):
        text = unit.read_text().replace("/usr/local/bin/", f"{programs}/")
        (folder / unit.name.replace("@.", "@gpu0.")).write_text(text)
    units = sorted(path.name for path in folder.iterdir())
    defects = [] if len(units) == 2 else [f"units: {units}"]
    defects += verify(folder, *units)
    broken = folder / "mlestar-broken.service"
    broken.write_text((folder / "mlestar-coordinator.service").read_text().replace("PrivateTmp=", "PrivateTemp="))
    if not verify(folder, broken.name):
        defects.append("a planted mistake was not found")
print("\n".join(defects) if defects else f"{len(units)} units")
sys.exit(1 if defects else 0)
