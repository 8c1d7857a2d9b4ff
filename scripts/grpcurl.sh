#!/usr/bin/env bash
# Builds grpcurl, as tools/go.mod pins it, into bin/.
. "$(dirname "$0")/lib.sh"
need_go
cd "$ROOT"
CGO_ENABLED=0 go build -modfile=tools/go.mod -o "$BIN/grpcurl" github.com/fullstorydev/grpcurl/cmd/grpcurl
