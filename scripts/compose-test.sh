#!/usr/bin/env bash
# Tries docker-compose.yaml: builds the image, starts both daemons in containers and runs a sandbox with a secret in them,
# on a Docker engine of its own that is gone afterwards. The binaries and the image python:3.11 must be built.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || die "a Docker engine needs root" "run: sudo make test-compose"
step "what this installs, where it is missing: apt packages docker.io docker-compose iptables"
need_apt docker.io docker-compose iptables
for port in 7443 7470; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port, which docker-compose.yaml uses, is taken" "is it the stack of 'make up'? then: make down"
  fi
done

WORK=$(mktemp -d -t casemate-compose.XXXXXX)
export DOCKER_HOST=unix://$WORK/docker.sock COMPOSE_PROJECT_NAME=casemate-test
compose() { docker-compose --file "$ROOT/docker-compose.yaml" "$@"; }
engine=
cleanup() {
  local status=$?
  [ $status = 0 ] || { compose logs --no-color --tail 20 || true; tail -5 "$WORK/engine.log"; } >&2
  compose down --volumes --timeout 5 >"$WORK/down.log" 2>&1 || status=1
  [ -z "$engine" ] || { kill "$engine" && wait "$engine" || true; } 2>/dev/null
  umount "$WORK"/exec/netns/* 2>/dev/null || true # which the engine leaves mounted
  rm -rf "$WORK" || status=1
  exit $status
}
trap cleanup EXIT

dockerd --data-root "$WORK/data" --exec-root "$WORK/exec" --pidfile "$WORK/engine.pid" --host "$DOCKER_HOST" \
  --bridge none --iptables=false >"$WORK/engine.log" 2>&1 &
engine=$!
for _ in $(seq 100); do
  docker version >/dev/null 2>&1 && break
  kill -0 "$engine" 2>/dev/null || die "the Docker engine ended at its start"
  sleep 0.1
done

step "docker-compose up"
compose up --detach --build >"$WORK/up.log" 2>&1 || { tail -20 "$WORK/up.log" >&2; die "docker-compose up failed"; }
export CASEMATE_SECRETSD=https://127.0.0.1:7443 CASEMATE_SANDBOXD=http://127.0.0.1:7470 CASEMATE_CA_FILE=$WORK/ca.pem
export CASEMATE_TEAM=compose CASEMATE_API_KEY CASEMATE_CONFIG=$WORK/casemate.yaml
fetch() { # CONTAINER FILE: prints a file of a service's container, once it is there
  local i
  for i in $(seq 100); do
    docker cp "$(compose ps --quiet "$1"):$2" - 2>/dev/null | tar -xO 2>/dev/null && return
    sleep 0.1
  done
  die "$1 did not make $2"
}
fetch secretsd /certs/ca.pem >"$CASEMATE_CA_FILE"
CASEMATE_API_KEY=$(fetch secretsd /var/lib/casemate/secretsd/root.key)

step "a sandbox with a secret"
"$BIN/casemate" team create "$CASEMATE_TEAM"
"$BIN/casemate" image import "$CACHE/images/python-3.11.tar" python:3.11
CASEMATE_API_KEY=$("$BIN/casemate" key create --scope run --scope manage)
printf 'value-in-a-container' | "$BIN/casemate" secret set TOKEN
got=$("$BIN/casemate" run --secret TOKEN python:3.11 -- python -c 'import os; print(os.environ["TOKEN"])')
[ "$got" = value-in-a-container ] || die "the sandbox printed '$got' in place of the secret's value"
note "the sandbox found its secret"
