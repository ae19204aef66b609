#!/usr/bin/env bash
# Checks that need no build: formatting, pure targets, embedded Python, links of the documents.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$root"

swift_files() { find Package.swift Sources Tests Benchmarks -name '*.swift' ! -name '*.pb.swift' ! -path '*/.build*' 2>/dev/null; }

# shellcheck disable=SC2046
swift format lint --strict $(swift_files) || fail "run: swift format -i \$FILE, then look at what is left"

# Pure targets: no I/O, no clock, no randomness, so nothing of the toolchain beyond the standard library.
pure="Sources/Shared/Vocabulary Sources/Coordinator/Search Sources/Coordinator/Scoring Sources/Coordinator/Scheduling"
allowed='^(public |internal |package )?import (Vocabulary|HeapModule)$'
# Logarithms are the one thing of the C library that scoring needs.
exception=Sources/Coordinator/Scoring/NaturalLogarithm.swift
impure=$(grep -rnE '^\s*(@testable )?(public |internal |package )?import ' $pure --include='*.swift' |
    awk -F: -v allowed="$allowed" -v exception="$exception" '{ line = $0; sub(/^[^:]*:[^:]*:/, "", line); if (line !~ allowed && $1 != exception) print }')
[ -z "$impure" ] || fail "imports that a pure target must not have:
$impure"
clocks=$(grep -rnE '\b(ContinuousClock|SuspendingClock|SystemRandomNumberGenerator|Task\.sleep)\b|\.random\(|\.shuffled\(\)|\.randomElement\(\)' $pure --include='*.swift' || true)
[ -z "$clocks" ] || fail "clocks or chance in a pure target:
$clocks"

# C modules are imported by one target each.
stray=$(grep -rlE '^(public )?import CZeroMQ' Sources --include='*.swift' | grep -v '^Sources/Shared/ZeroMQ/' || true)
[ -z "$stray" ] || fail "CZeroMQ may be imported by ZeroMQ only: $stray"
stray=$(grep -rlE '^(public )?import CCurl' Sources --include='*.swift' | grep -v '^Sources/Coordinator/HTTP/' || true)
[ -z "$stray" ] || fail "CCurl may be imported by HTTP only: $stray"

# Every name of an upcoming feature is known to the compiler, which accepts misspelt ones silently.
for feature in $(grep -oE 'enableUpcomingFeature\("[A-Za-z]+"\)' Package.swift | grep -oE '"[A-Za-z]+"' | tr -d '"'); do
    case $feature in
        ExistentialAny | MemberImportVisibility | InternalImportsByDefault | NonisolatedNonsendingByDefault) ;;
        *) fail "unknown upcoming feature $feature in Package.swift" ;;
    esac
done

python3 - <<'PYTHON'
import pathlib, re, sys
broken = []
for path in pathlib.Path(".").rglob("*.py"):
    if any(part.startswith(".build") for part in path.parts):
        continue
    try:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    except SyntaxError as error:
        broken.append(f"{path}: {error}")
for path in [*pathlib.Path(".").glob("*.md"), *pathlib.Path("docs").rglob("*.md"), *pathlib.Path("deploy").rglob("*.md")]:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target and not (path.parent / target).exists():
            broken.append(f"{path}: the link {target} leads nowhere")
sys.exit("\n".join(broken) if broken else 0)
PYTHON
