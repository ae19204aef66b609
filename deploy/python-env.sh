#!/usr/bin/env bash
# Makes the Python environment NAME (default: core) from configs/environments/NAME.txt below ~/.mlestar/envs.
# Quick when it is there already and the pinned packages have not changed.
set -euo pipefail
source "$(dirname "$0")/common.sh"

name=${1:-core}
requirements=$root/configs/environments/$name.txt
[ -f "$requirements" ] || fail "there is no $requirements; known: $(cd "$root/configs/environments" && ls ./*.txt | tr '\n' ' ')"
folder=$home/envs/$name
stamp=$folder/requirements.sha256
wanted=$(sha256sum <"$requirements")
if [ -x "$folder/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "no $python: install Python 3.11 (Debian: python3 python3-venv)"
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    fail "$("$python" --version) found, but the packages are pinned for Python 3.11; set PYTHON to a 3.11 interpreter"
say "making the Python environment $folder (core is about 1 GB)"
# Where this file stays, the programs take the environment for none.
unfinished=$folder/mlestar-unfinished
if [ ! -x "$folder/bin/python" ]; then mkdir -p "$folder" && touch "$unfinished"; fi
"$python" -m venv "$folder" || fail "could not make a virtual environment (Debian: apt-get install python3-venv)"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" ||
    fail "could not install the packages of $requirements"
printf '%s\n' "$wanted" >"$stamp"
rm -f "$unfinished"
