#!/usr/bin/env bash
# Makes .cache/crypto: moto's server, whose AWS KMS the tests of keys talk to, and Python's cryptography package, as
# scripts/crypto-requirements.txt pins them.
. "$(dirname "$0")/lib.sh"
want=$(sha256sum "$ROOT/scripts/crypto-requirements.txt" | cut -d' ' -f1)
[ "$(cat "$CACHE/crypto/.requirements" 2>/dev/null)" = "$want" ] && exit 0
need_apt python3 python3-venv
step "installing moto and cryptography from PyPI into .cache/crypto"
rm -rf "$CACHE/crypto"
/usr/bin/python3 -m venv "$CACHE/crypto"
# The file lists everything, so pip has nothing to resolve; what of it is imported is compiled then.
"$CACHE/crypto/bin/pip" install -q --disable-pip-version-check --no-deps --no-compile -r "$ROOT/scripts/crypto-requirements.txt"
echo "$want" >"$CACHE/crypto/.requirements"
