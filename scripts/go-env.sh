#!/usr/bin/env bash
# Puts a Go that is new enough on this machine, and prints the directory to put on PATH for it.
. "$(dirname "$0")/lib.sh"
need_go >&2
dirname "$(command -v go)"
