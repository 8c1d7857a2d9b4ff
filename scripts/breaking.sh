#!/usr/bin/env bash
# Fails when proto/ breaks clients of what was there before (`buf breaking`). Before is: the last release's tag; without one,
# where this branch left main; and on main itself, the commit before the last one that changed proto/. What is not committed
# yet is compared with HEAD, too. AGAINST=COMMIT chooses another.
. "$(dirname "$0")/lib.sh"
need_go
cd "$ROOT"

commit() { git rev-parse --quiet --verify "$1^{commit}"; }

# before: the commit to compare with.
before() {
  local head main tag last
  head=$(commit HEAD)
  if tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null); then
    commit "$tag"
    return
  fi
  for main in origin/main main; do
    main=$(git merge-base HEAD "$main" 2>/dev/null) || continue
    [ "$main" = "$head" ] || { echo "$main"; return; }
  done
  last=$(git log -1 --format=%H -- proto)
  commit "$last^" || {
    [ "$(git rev-parse --is-shallow-repository)" = false ] ||
      die "this shallow clone has nothing that proto/ could be compared with" "run: git fetch --unshallow"
    echo "$last" # the first commit of all: there was nothing before
  }
}

against=${AGAINST:-$(before)}
bases=("$(commit "$against")") || die "there is no commit $against"
[ -z "$(git status --porcelain -- proto)" ] || bases+=("$(commit HEAD)")

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for base in "${bases[@]}"; do
  # The files themselves, since buf's own way to read a repository knows no worktrees.
  mkdir "$tmp/$base"
  git archive "$base" buf.yaml proto third_party | tar -x -C "$tmp/$base"
  go tool -modfile=tools/go.mod buf breaking proto --against "$tmp/$base/proto" ||
    die "proto/ breaks clients of $(git log -1 --format='%h, "%s"' "$base")" \
      "add fields and methods instead of changing or removing any" \
      "if it is meant, say so with the reason in buf.yaml, as breaking.ignore_only"
  rm -rf "${tmp:?}/$base"
  note "proto/ breaks nothing since $(git log -1 --format='%h, "%s"' "$base")"
done
