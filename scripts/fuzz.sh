#!/usr/bin/env bash
# fuzz.sh TIME: runs every fuzz target of the module for TIME, one after the other.
. "$(dirname "$0")/lib.sh"
need_go
cd "$ROOT"
grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r dir; do
  grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | sed 's/^func //' | while read -r target; do
    step "$dir $target"
    # Few tries to make an input smaller: a whole daemon's coverage is another one each time, and there would be no end.
    go test -run='^$' -fuzz="^$target\$" -fuzztime="$1" -fuzzminimizetime=5x "$dir"
  done
done
