#!/usr/bin/env bash
# typescript.sh tools:  installs Node.js where it is missing, and the package's tools as its lock file pins them.
# typescript.sh build:  builds the package @casemate/client and installs it, packed, into a scratch project, where the
#                       compiler and the tests meet it as its users do: .cache/typescript.
. "$(dirname "$0")/lib.sh"
PACKAGE=$ROOT/clients/typescript
OUT=$CACHE/typescript
CONSUMER=$OUT/consumer

# have_node: whether the node on PATH is at least 18.14.1, which package.json asks for, and has its npm.
have_node() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    [ "$(printf '%s\n' 18.14.1 "$(node -p process.versions.node)" | sort -V | head -1)" = 18.14.1 ]
}

need_node() {
  have_node && return 0
  need_apt nodejs npm
  have_node || die "the machine's Node.js is $(node --version 2>/dev/null || echo missing), want 18.14.1 or newer, with npm" "install it by hand"
}

# hash_of FILE_OR_DIRECTORY...: one hash of all their names and contents.
hash_of() {
  (cd "$ROOT" && find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

tools() {
  need_node
  local want
  want=$(node --version; hash_of clients/typescript/package.json clients/typescript/package-lock.json)
  [ "$(cat "$PACKAGE/node_modules/.installed" 2>/dev/null)" = "$want" ] && return 0
  step "installing the TypeScript client's tools from npm, as clients/typescript/package-lock.json pins them"
  (cd "$PACKAGE" && npm ci --no-progress --loglevel=error)
  echo "$want" >"$PACKAGE/node_modules/.installed"
}

# snippets: the programs of the README, one file each, in the order in which they stand there.
snippets() {
  awk -v out="$CONSUMER/src/readme" '/^```ts$/ {file = out (++n) ".ts"; next} /^```$/ {file = ""} file {print > file}' "$PACKAGE/README.md"
}

build() {
  local want
  want=$(node --version; hash_of scripts/typescript.sh clients/typescript/{src,test,interop,consumer,README.md,package.json,package-lock.json,tsconfig.json} \
    gen/typescript examples/typescript proto/casemate/service_config.json LICENSE NOTICE)
  [ "$(cat "$OUT/.built" 2>/dev/null)" = "$want" ] && return 0
  step "building @casemate/client, and a scratch project that has it installed"
  rm -rf "$OUT"
  mkdir -p "$CONSUMER/src"
  cp "$ROOT/LICENSE" "$ROOT/NOTICE" "$PACKAGE"
  (cd "$PACKAGE" && npm run --silent build && npm pack --silent --pack-destination "$OUT")
  cp "$PACKAGE/consumer/"*.json "$PACKAGE/.npmrc" "$CONSUMER"
  cp "$PACKAGE/test/"*.ts "$PACKAGE/interop/"*.ts "$ROOT/examples/typescript/"*.ts "$CONSUMER/src"
  snippets
  version() { node -p "require('$PACKAGE/package.json').devDependencies['$1']"; }
  (cd "$CONSUMER" && npm install --no-progress --loglevel=error --no-package-lock --prefer-offline "$OUT"/*.tgz \
    "typescript@$(version typescript)" "@types/node@$(version @types/node)" && npx --no-install tsc)
  echo "$want" >"$OUT/.built"
  note "$(echo "$OUT"/*.tgz)"
}

case "${1:-}" in
  tools) tools ;;
  build) tools && build ;;
  *) die "usage: typescript.sh tools|build" ;;
esac
