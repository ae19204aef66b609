#!/usr/bin/env bash
# Installs what is needed, then checks and tests everything CI does. Options:
#   --quick   leave out the tests that start real processes and train real models, and the release build
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$root"
quick=${1:-}
[ -z "$quick" ] || [ "$quick" = --quick ] || fail "unknown option '$quick'; known: --quick"

need_swift
need_build_packages
[ "$quick" = --quick ] || need_cluster_packages
deploy/python-env.sh core
deploy/python-env.sh clients
export MLESTAR_PYTHON=${MLESTAR_PYTHON:-$(core_python)}

say "checking format, imports and documents"
deploy/check.sh
say "building (the first time takes several minutes)"
swift build --build-tests --explicit-target-dependency-import-check error
# The optimizer sees code that a debug build does not: what is installed must build, too.
[ "$quick" = --quick ] || for product in mlestar mlestar-worker; do
    say "building $product for release"
    swift build -c release --product "$product"
done
say "testing"
[ "$quick" = --quick ] && export MLESTAR_QUICK_TESTS=1
# Simulations and floods want all cores, and tests that wait for real processes and sockets would wait for a core beside them.
alone='SchedulingTests|FloodTests'
real='DeployTests|DispatchingTests|ExecutionTests|HTTPTests|IntegrationTests|LanguageModelsTests|PlacementTests|RetrievalTests|TelemetryTests'
# A test process that hangs must not hang whoever waits for it.
# More at once than the cores can carry would only make each wait for the others.
width=$(($(nproc) + 1))
run() { timeout 30m swift test --skip-build --parallel --experimental-maximum-parallelization-width "$width" "$@"; }
run --skip "$alone|$real"
run --filter "$alone"
run --filter "$real" --skip "$alone"
