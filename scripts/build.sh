#!/usr/bin/env bash
# Builds the daemons, the agent and the command line as static binaries into bin/.
. "$(dirname "$0")/lib.sh"
need_go
cd "$ROOT"
mkdir -p "$BIN"
revision=$(git describe --tags --always --dirty 2>/dev/null || true)
export CGO_ENABLED=0
# The agent runs in every sandbox: it is stripped for size.
go build -trimpath -ldflags="-s -w" -o "$BIN/sandbox-agent" ./sandboxd/cmd/sandbox-agent
go build -trimpath -o "$BIN/secretsd" ./secretsd
go build -trimpath -o "$BIN/sandboxd" ./sandboxd
go build -trimpath -ldflags="-X main.revision=$revision" -o "$BIN/casemate" ./casemate
