#!/usr/bin/env bash
# stack.sh up|down: both daemons in the background, with their data in $CASEMATE_DIR (.casemate), for work by hand.
# The binaries and the image must be built: `make up` sees to it.
# Ports can be chosen: SECRETSD_PORT, SANDBOXD_PORT, and the admin ports one above each.
. "$(dirname "$0")/lib.sh"

DIR=${CASEMATE_DIR:-$ROOT/.casemate}
SECRETSD_PORT=${SECRETSD_PORT:-7443}
SANDBOXD_PORT=${SANDBOXD_PORT:-7470}
TEAM=${CASEMATE_TEAM:-demo}

# pid NAME: the process id of the running daemon NAME of this directory; fails when it does not run. Its program stands in its
# arguments: the daemons hide /proc/PID/exe, also from the user who runs them.
pid() {
  local p program
  p=$(cat "$DIR/$1.pid" 2>/dev/null) && IFS= read -r -d '' program 2>/dev/null <"/proc/$p/cmdline" && [ "$program" = "$BIN/$1" ] && echo "$p"
} 2>/dev/null

healthy() { # PORT
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
  grep -q '^HTTP/1.[01] 200' <&3
} 2>/dev/null

start() { # NAME ADMIN_PORT
  if pid "$1" >/dev/null; then
    note "$1 runs already, process $(pid "$1")"
    return
  fi
  setsid "$BIN/$1" --config "$DIR/$1.yaml" </dev/null >>"$DIR/$1.log" 2>&1 &
  local p=$! i
  echo "$p" >"$DIR/$1.pid"
  for i in $(seq 300); do
    if healthy "$2"; then
      note "$1 runs, process $p"
      return
    fi
    kill -0 "$p" 2>/dev/null || break
    sleep 0.1
  done
  tail -5 "$DIR/$1.log" >&2
  die "$1 did not come up" "its whole log is in $DIR/$1.log" "is the port taken? choose others with SECRETSD_PORT and SANDBOXD_PORT"
}

stop() { # NAME
  local p i
  if ! p=$(pid "$1"); then
    note "$1 does not run"
  else
    kill "$p"
    for i in $(seq 200); do
      kill -0 "$p" 2>/dev/null || break
      sleep 0.1
    done
    kill -0 "$p" 2>/dev/null && die "$1 (process $p) did not end within 20 s"
    note "$1 ended"
  fi
  rm -f "$DIR/$1.pid"
}

casemate() { "$BIN/casemate" "$@"; }

configure() {
  mkdir -p -m 700 "$DIR"
  [ -d "$DIR/certs" ] || casemate certs init "$DIR/certs" >/dev/null
  cat >"$DIR/secretsd.yaml" <<YAML
listen: 127.0.0.1:$SECRETSD_PORT
admin_listen: 127.0.0.1:$((SECRETSD_PORT + 1))
data_dir: $DIR/secretsd
tls:
  cert_file: $DIR/certs/secretsd.pem
  key_file: $DIR/certs/secretsd-key.pem
  ca_file: $DIR/certs/ca.pem
YAML
  cat >"$DIR/sandboxd.yaml" <<YAML
listen: 127.0.0.1:$SANDBOXD_PORT
admin_listen: 127.0.0.1:$((SANDBOXD_PORT + 1))
state_dir: $DIR/sandboxd
agent_path: $BIN/sandbox-agent
secretsd:
  address: 127.0.0.1:$SECRETSD_PORT
  cert_file: $DIR/certs/sandboxd.pem
  key_file: $DIR/certs/sandboxd-key.pem
  ca_file: $DIR/certs/ca.pem
YAML
  if [ "$(id -u)" != 0 ]; then
    note "sandboxd is run by an ordinary user: nothing limits the memory, CPU, processes and disk of sandboxes (docs/operations.md, Rootless)"
    printf 'rootless:\n  without_limits: true\n' >>"$DIR/sandboxd.yaml"
  fi
  export CASEMATE_CONFIG=$DIR/casemate.yaml
  export CASEMATE_SECRETSD=https://127.0.0.1:$SECRETSD_PORT
  export CASEMATE_SANDBOXD=http://127.0.0.1:$SANDBOXD_PORT
  export CASEMATE_CA_FILE=$DIR/certs/ca.pem
}

# first_time: a team, a key for people (manages secrets, may not read them) and a key for the SDK (runs sandboxes, uses
# secrets), written to env for clients.
first_time() {
  local admin sdk
  CASEMATE_API_KEY=$(cat "$DIR/secretsd/root.key")
  export CASEMATE_API_KEY CASEMATE_TEAM=$TEAM
  if ! casemate image list -o json | grep -q '"python:3.11"'; then
    casemate image import "$CACHE/images/python-3.11.tar" python:3.11
  fi
  [ -f "$DIR/env" ] && return
  casemate team create "$TEAM" >/dev/null
  admin=$(casemate key create --scope run --scope manage --description "people: make up")
  sdk=$(casemate key create --description "SDK: make up")
  (
    umask 077
    cat >"$DIR/env.new" <<ENV
# For clients of the stack that 'make up' started: . $DIR/env
export CWSANDBOX_BASE_URL=$CASEMATE_SANDBOXD
export CWSANDBOX_API_KEY=$sdk
export WANDB_API_KEY=$sdk
export CASEMATE_SECRETSD=$CASEMATE_SECRETSD
export CASEMATE_SANDBOXD=$CASEMATE_SANDBOXD
export CASEMATE_CA_FILE=$CASEMATE_CA_FILE
export CASEMATE_API_KEY=$admin
export CASEMATE_TEAM=$TEAM
ENV
  )
  mv "$DIR/env.new" "$DIR/env"
}

case "${1:-}" in
  up)
    need_apt "${SANDBOXD_PACKAGES[@]}"
    [ -x "$BIN/sandboxd" ] && [ -f "$CACHE/images/python-3.11.tar" ] || die "the daemons or the image python:3.11 are not built" "run: make up"
    step "starting the stack in $DIR"
    configure
    start secretsd $((SECRETSD_PORT + 1))
    start sandboxd $((SANDBOXD_PORT + 1))
    first_time
    note "clients find what they need by: . $DIR/env"
    ;;
  down)
    step "stopping the stack in $DIR"
    stop sandboxd
    stop secretsd
    ;;
  *) die "usage: stack.sh up|down" ;;
esac
