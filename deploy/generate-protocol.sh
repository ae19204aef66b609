#!/usr/bin/env bash
# Generates the Swift code of the protocol from Sources/Shared/Wire/mlestar.proto.
# Needs protoc (Debian: protobuf-compiler); builds the Swift plugin from the package's own swift-protobuf.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --product protoc-gen-swift --scratch-path .build-protoc
plugin=$(swift build --product protoc-gen-swift --scratch-path .build-protoc --show-bin-path)/protoc-gen-swift
protoc --plugin="$plugin" --proto_path=Sources/Shared/Wire \
    --swift_opt=Visibility=Internal --swift_opt=UseAccessLevelOnImports=true \
    --swift_out=Sources/Shared/Wire mlestar.proto
