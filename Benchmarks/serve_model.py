"""Serves a GGUF model with llama.cpp's own server on loopback.

    serve_model.py MODEL.gguf ALIAS      prints its URL and serves until its standard input ends
"""

import sys

import xllamacpp

model, alias = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = model
params.model_alias = {alias}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 4096
params.n_parallel = 1  # one answer at a time, with the whole context
params.cpuparams.n_threads = 2
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
