#!/usr/bin/env bash
# python.sh tools|package: the Python client.
#   tools    what generates, builds and checks it, pinned, into .cache/python/tools
#   package  sdist and wheel into .cache/python/dist, each installed into an environment of its own to prove that it works:
#            .cache/python/lowest with the oldest of what it needs, .cache/python/venv with the newest, and the tests' tools
. "$(dirname "$0")/lib.sh"

PY=$CACHE/python
SRC=$ROOT/clients/python

# made DIRECTORY WANT: whether the environment there was made from inputs of that hash.
made() { [ "$(cat "$PY/$1/.made-by" 2>/dev/null)" = "$2" ]; }

hash() { cat "$@" | sha256sum | cut -d' ' -f1; }

# fresh DIRECTORY: an empty environment there.
fresh() {
  need_apt python3 python3-venv
  rm -rf "${PY:?}/$1"
  /usr/bin/python3 -m venv "$PY/$1"
}

# install DIRECTORY ARGUMENT...: by pip into that environment. No byte code: what of it is imported is compiled then.
install() { "$PY/$1/bin/pip" install -q --disable-pip-version-check --no-compile "${@:2}"; }

tools() {
  local want
  want=$(hash "$SRC/requirements-tools.txt")
  made tools "$want" && return 0
  step "installing the Python client's tools from PyPI into .cache/python/tools (grpcio-tools, mypy-protobuf, build, ruff)"
  fresh tools
  install tools --no-deps -r "$SRC/requirements-tools.txt"
  echo "$want" >"$PY/tools/.made-by"
}

# imports DIRECTORY: whether all of the package can be imported there, under the version it should have.
imports() {
  (cd / && "$PY/$1/bin/python" -I -W error - "$(cat "$ROOT/pkg/version/VERSION")") <<'PYTHON'
import importlib, pkgutil, sys
import casemate
for module in pkgutil.walk_packages(casemate.__path__, "casemate."):
    importlib.import_module(module.name)
assert casemate.__version__ == sys.argv[1], casemate.__version__
PYTHON
}

package() {
  local want
  tools
  # What git tracks or would: links are followed, so that what they lead to counts.
  want=$(cd "$ROOT" && git ls-files -co --exclude-standard clients/python gen/python pkg/version/VERSION \
    proto/casemate/service_config.json LICENSE scripts/python.sh | sort | while read -r f; do
      [ -f "$f" ] && sha256sum "$f"
    done | sha256sum | cut -d' ' -f1)
  made dist "$want" && return 0
  step "building the Python package into .cache/python/dist"
  rm -rf "$PY/dist"
  # The wheel is made from the sdist, so the sdist is whole.
  "$PY/tools/bin/python" -m build --no-isolation --outdir "$PY/dist" "$SRC" >"$PY/build.log" 2>&1 ||
    { tail -20 "$PY/build.log" >&2; die "the package does not build" "the whole log is in .cache/python/build.log"; }
  step "installing it from PyPI into .cache/python/lowest (the oldest of what it needs) and .cache/python/venv (the newest, pytest, mypy)"
  fresh lowest
  install lowest -c "$SRC/requirements-lowest.txt" "$PY"/dist/*.whl
  imports lowest
  fresh venv
  install venv -c "$SRC/requirements-test.txt" "$PY"/dist/*.whl
  imports venv
  install venv --no-deps -r "$SRC/requirements-test.txt"
  "$PY/venv/bin/pip" check >/dev/null
  for f in "$PY"/dist/casemate-*; do note "${f#"$ROOT/"}"; done
  echo "$want" >"$PY/dist/.made-by"
}

case "${1:-}" in
  tools | package) "$1" ;;
  *) die "usage: python.sh tools|package" ;;
esac
