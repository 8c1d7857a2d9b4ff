#!/usr/bin/env bash
# The main job, end to end, on this machine: both daemons with embedded defaults and mTLS between them, a team with two
# secrets, and the two programs of the hosted product's documentation, word for word, on the unmodified public Python SDK
# in a real isolated sandbox. Everything runs in a temporary directory and is gone at the end.
. "$(dirname "$0")/lib.sh"

BEGAN=$SECONDS
packages=(python3 python3-venv mmdebstrap debian-archive-keyring ca-certificates git "${SANDBOXD_PACKAGES[@]}")
step "what this installs, where it is missing: apt packages ${packages[*]};"
note "Go, from PyPI; Go modules; the Python SDK, from PyPI. All but the apt packages stay in .cache and bin."
need_apt "${packages[@]}"
need_go

# The three long things, side by side; each is over in a second when its result is there already.
step "building: the daemons and tools (Go), the Python SDK (pip), the image python:3.11 (mmdebstrap)"
pids=() names=()
background() { # NAME COMMAND...
  local name=$1
  shift
  "$@" >"$CACHE/$name.log" 2>&1 &
  pids+=($!) names+=("$name")
}
background build bash -c '"$0/build.sh" && "$0/grpcurl.sh"' "$ROOT/scripts"
background sdk "$ROOT/scripts/venv.sh"
background image "$ROOT/scripts/image.sh"
for i in "${!pids[@]}"; do
  while kill -0 "${pids[$i]}" 2>/dev/null; do
    [ -t 1 ] && printf '\r    %s%-8s %4d s%s' "$DIM" "${names[$i]}" $((SECONDS - BEGAN)) "$RESET"
    sleep 0.2
  done
  [ -t 1 ] && printf '\r\e[K'
  wait "${pids[$i]}" || { tail -30 "$CACHE/${names[$i]}.log" >&2; die "${names[$i]} failed" "its whole log is in .cache/${names[$i]}.log"; }
  note "${names[$i]} is ready"
done

WORK=$(mktemp -d -t casemate-demo.XXXXXX)
export CASEMATE_DIR=$WORK CASEMATE_TEAM=demo
# Free ports, so that the demo runs beside `make up`.
read -r SECRETSD_PORT SANDBOXD_PORT < <(python3 - <<'PY'
import socket
def free():
    while True:
        a = socket.socket(); a.bind(("127.0.0.1", 0)); port = a.getsockname()[1]
        b = socket.socket()
        try:
            b.bind(("127.0.0.1", port + 1)); return a, b, port
        except OSError:
            a.close(); b.close()
x, y = free(), free()
print(x[2], y[2])
PY
)
export SECRETSD_PORT SANDBOXD_PORT
# remove DIR: with what there is of the users of sandboxes, which an ordinary user can remove as root of a namespace only.
remove() {
  if [ "$(id -u)" = 0 ]; then rm -rf "$1"; else unshare --map-root-user --map-auto rm -rf "$1"; fi
}
cleanup() {
  local status=$?
  step "cleaning up"
  [ -f "$WORK/env" ] && ( . "$WORK/env"; "$BIN/casemate" ps -q 2>/dev/null | xargs -r -n1 "$BIN/casemate" rm >/dev/null ) || true
  "$ROOT/scripts/stack.sh" down || status=1
  if [ $status = 0 ]; then remove "$WORK"; else note "logs are kept in $WORK"; fi
  exit $status
}
trap cleanup EXIT

"$ROOT/scripts/stack.sh" up
# shellcheck disable=SC1091
. "$WORK/env"
show() { printf '    %s$ %s%s\n' "$DIM" "$*" "$RESET"; }
indent() { sed 's/^/    /'; }

step "two team secrets, stored by name; the values come by stdin, never as arguments"
for name in HF_TOKEN OPENAI_API_KEY; do
  show "printf ... | casemate secret set $name"
  printf 'demo-value-of-%s' "$name" | "$BIN/casemate" secret set "$name" | indent
done

for program in first second; do
  step "the $program program of the hosted product's documentation, word for word, on wandb.sandbox"
  show "python e2e/sdk/seed/$program.py"
  NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 "$CACHE/venv/bin/python" -W ignore "$ROOT/e2e/sdk/seed/$program.py" | tee "$WORK/$program.out" | indent
done
grep -q 'Hugging Face token found.' "$WORK/first.out" && grep -q 'OpenAI key token found.' "$WORK/first.out" &&
  grep -q 'Hugging Face token found!' "$WORK/second.out" || die "the programs did not find their secrets"

step "the same by grpcurl: run a sandbox with a secret under another variable's name"
show "grpcurl ... casemate.sandbox.v1.SandboxService/RunSandbox"
"$BIN/grpcurl" -plaintext -H "authorization: Bearer $CWSANDBOX_API_KEY" -d '{
  "spec": {"image": "python:3.11", "secrets": [{"secret": "HF_TOKEN", "env_var": "HUGGINGFACE_TOKEN"}], "tags": ["demo"]}
}' "127.0.0.1:$SANDBOXD_PORT" casemate.sandbox.v1.SandboxService/RunSandbox | tee "$WORK/run.json" | indent

step "what runs now, and what ran"
show "casemate ps -a"
"$BIN/casemate" ps -a | indent

step "a sandbox may use a secret; the key that ran it may not read it"
show "casemate secret get HF_TOKEN --reveal   (with the SDK's key)"
if CASEMATE_API_KEY=$CWSANDBOX_API_KEY "$BIN/casemate" secret get HF_TOKEN --reveal >"$WORK/reveal.out" 2>&1; then
  die "the SDK's key could read a value"
fi
indent <"$WORK/reveal.out"

step "every decision about a value is in the audit log, a hash chain"
show "casemate audit list"
"$BIN/casemate" audit list | indent
show "casemate audit verify   (as the operator)"
CASEMATE_API_KEY=$(cat "$WORK/secretsd/root.key") "$BIN/casemate" audit verify | indent

printf '%s==> done in %d s: both programs found their secrets%s\n' "$GREEN" $((SECONDS - BEGAN)) "$RESET"
