# The coordinator. From the project's root: docker build -f deploy/docker/coordinator.Dockerfile -t mlestar-coordinator:0.1.0 .
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        libzmq3-dev libsqlite3-dev libcurl4-openssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
# The package names the folders of its tests, and does not load without them.
COPY Tests Tests
RUN --mount=type=cache,target=/source/.build \
    swift build -c release --static-swift-stdlib --product mlestar && \
    swift build -c release --static-swift-stdlib --product mlestar-worker && \
    install -D -s .build/release/mlestar .build/release/mlestar-worker -t /out

FROM debian:bookworm-slim
# Python is for the inspection of scripts that language models wrote; no script runs here.
RUN apt-get update && apt-get install -y --no-install-recommends \
        libzmq5 libsqlite3-0 libcurl4 ca-certificates python3 unzip && rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --no-create-home --home-dir /state mlestar && install -d -o mlestar -g mlestar -m 0700 /state
COPY --from=build /out/mlestar /out/mlestar-worker /usr/local/bin/
USER 10001:10001
ENV MLESTAR_HOME=/state/home MLESTAR_STATE=/state/mlestar
VOLUME /state
EXPOSE 5555 9464
ENTRYPOINT ["/usr/local/bin/mlestar"]
CMD ["serve"]
