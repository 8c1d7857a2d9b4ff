#!/usr/bin/env bash
# Builds gVisor's runsc, as tools/runsc/go.mod pins it, into bin/, unless that version is there: it takes some minutes, and 500 MB
# of Go's caches.
. "$(dirname "$0")/lib.sh"
need_go
want=$(awk '$1 == "gvisor.dev/gvisor" {print $2}' "$ROOT/tools/runsc/go.mod")
have=$(go version -m "$BIN/runsc" 2>/dev/null | awk '$1 == "mod" && $2 == "gvisor.dev/gvisor" {print $3}' || true)
[ "$have" = "$want" ] && exit 0
step "building runsc $want"
# Linked with C libraries it could not execute itself again.
CGO_ENABLED=0 nice go build -C "$ROOT/tools/runsc" -trimpath -ldflags "-s -w -X gvisor.dev/gvisor/runsc/version.version=$want" \
  -o "$BIN/runsc" gvisor.dev/gvisor/runsc
