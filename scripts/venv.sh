#!/usr/bin/env bash
# Makes .cache/venv with the public Python SDK, as e2e/sdk/requirements.txt pins it.
. "$(dirname "$0")/lib.sh"
want=$(sha256sum "$ROOT/e2e/sdk/requirements.txt" | cut -d' ' -f1)
[ "$(cat "$CACHE/venv/.requirements" 2>/dev/null)" = "$want" ] && exit 0
need_apt python3 python3-venv
step "installing the Python SDK from PyPI into .cache/venv (cwsandbox, wandb)"
rm -rf "$CACHE/venv"
/usr/bin/python3 -m venv "$CACHE/venv"
# The file lists everything, so pip has nothing to resolve; what of it is imported is compiled then.
"$CACHE/venv/bin/pip" install -q --disable-pip-version-check --no-deps --no-compile -r "$ROOT/e2e/sdk/requirements.txt"
echo "$want" >"$CACHE/venv/.requirements"
