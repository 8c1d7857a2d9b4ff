#!/usr/bin/env bash
# Builds the daemons of an older commit in .cache/upgrade and runs e2e/upgrade from them to those in bin/.
. "$(dirname "$0")/lib.sh"
need_go
cd "$ROOT"
commit=${1:?usage: scripts/test-upgrade.sh COMMIT}
git cat-file -e "$commit^{commit}" 2>/dev/null || die "commit $commit is not here; \`git fetch --unshallow\` gets the whole history"
old="$ROOT/.cache/upgrade/$commit"
if [ ! -x "$old/bin/casemate" ]; then
  rm -rf "$old"
  mkdir -p "$old/bin"
  git archive "$commit" | tar -x -C "$old"
  (
    cd "$old"
    export CGO_ENABLED=0
    go build -trimpath -ldflags="-s -w" -o bin/sandbox-agent ./sandboxd/cmd/sandbox-agent
    for binary in secretsd sandboxd casemate; do go build -trimpath -o "bin/$binary" "./$binary"; done
  )
fi
go run ./e2e/upgrade --old "$old/bin" --new "$BIN"
