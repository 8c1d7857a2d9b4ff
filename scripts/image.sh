#!/usr/bin/env bash
# Makes .cache/images/python-3.11.tar, the image of the demo and the tests, from Debian packages.
. "$(dirname "$0")/lib.sh"
need_go
need_apt mmdebstrap debian-archive-keyring
"$ROOT/deploy/images/build-python.sh" "$CACHE/images/python-3.11.tar"
