# A worker with the Python environment `core`. From the project's root:
#   docker build -f deploy/docker/worker.Dockerfile -t mlestar-worker:0.1.0 .
# For GPUs: --build-arg ENVIRONMENT=tabular-deep, and NVIDIA's container toolkit where it runs.
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        libzmq3-dev libsqlite3-dev libcurl4-openssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
# The package names the folders of its tests, and does not load without them.
COPY Tests Tests
RUN --mount=type=cache,target=/source/.build \
    swift build -c release --static-swift-stdlib --product mlestar-worker && \
    install -D -s .build/release/mlestar-worker -t /out

FROM debian:bookworm-slim AS python
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv libgomp1 && rm -rf /var/lib/apt/lists/*
ARG ENVIRONMENT=core
COPY configs/environments/${ENVIRONMENT}.txt /tmp/requirements.txt
RUN python3 -m venv /opt/python && /opt/python/bin/pip install --no-cache-dir -r /tmp/requirements.txt

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
        libzmq5 ca-certificates python3 libgomp1 bubblewrap && rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --no-create-home --home-dir /var/lib/mlestar mlestar && install -d -o mlestar -g mlestar -m 0700 /var/lib/mlestar
COPY --from=python /opt/python /opt/python
COPY --from=build /out/mlestar-worker /usr/local/bin/
USER 10001:10001
ENV MLESTAR_HOME=/var/lib/mlestar MLESTAR_PYTHON=/opt/python/bin/python
VOLUME /var/lib/mlestar
ENTRYPOINT ["/usr/local/bin/mlestar-worker"]
