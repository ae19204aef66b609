#!/usr/bin/env bash
# From a fresh clone to a result: installs packages and the Python environment, builds, and lets mlestar work for two
# minutes on a real data set (diabetes patients, which scikit-learn ships). Options:
#   deploy/demo.sh [BUDGET]     such as 90s or 5m; default 2m
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$root"
budget=${1:-2m}
[[ $budget =~ ^[0-9]+[smh]?$ ]] || fail "'$budget' is no time; write 90s or 5m"

need_swift
need_build_packages
deploy/python-env.sh core
if [ ! -x .build/release/mlestar ] || [ -n "$(find Package.swift Sources -newer .build/release/mlestar -print -quit)" ]; then
    say "building (about ten minutes the first time on 2 cores)"
    swift build -c release --static-swift-stdlib
fi
task=$home/demo/diabetes
"$(core_python)" deploy/demo_task.py "$task"
say "mlestar run $task --budget $budget"
.build/release/mlestar run "$task" --budget "$budget" --out mlestar-out/demo
say "grading on answers that mlestar has never seen"
"$(core_python)" deploy/demo_task.py --grade "$task" mlestar-out/demo/submission.csv
say "results: mlestar-out/demo (submission.csv, solution.py, report.md, run.json)"
