#!/usr/bin/env bash
# Makes the image `python:3.11` as an OCI archive, for places where no registry can be reached: Debian 12 (bookworm) with
# its Python 3.11 as `python` and `python3`, bash, coreutils, tar, gzip, su, apt and the CA certificates; 120 MB.
#
#   deploy/images/build-python.sh [OUTPUT]        OUTPUT is .cache/images/python-3.11.tar when it is not given
#
# Does nothing when OUTPUT is there and was made by this very script. Installs nothing. Takes 30 to 80 seconds. The
# packages come from the mirror that this machine's apt uses for bookworm, else from mmdebstrap's default; both are
# overruled by CASEMATE_DEBIAN_MIRROR, a URL with bookworm in it (its security suite is then not used).
. "$(dirname "$0")/../../scripts/lib.sh"
output=${1:-$CACHE/images/python-3.11.tar}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
packages=python3,python-is-python3,ca-certificates,tzdata,netbase

cd "$ROOT"
made_by=$(cat deploy/images/build-python.sh deploy/images/mkimage/*.go | sha256sum | cut -d' ' -f1)
if [ -f "$output" ] && [ "$(cat "$output.made-by" 2>/dev/null)" = "$made_by" ]; then
  note "python:3.11 is made already: $output"
  exit 0
fi

install='apt-get install mmdebstrap debian-archive-keyring'
command -v mmdebstrap >/dev/null || die "mmdebstrap is missing" "$install"
[ -f "$keyring" ] || die "Debian's archive keys are missing: $keyring" "$install"
export PATH="$CACHE/go/bin:$PATH"
have_go || die "Go is missing or too old" "scripts/go-env.sh puts a fitting one into .cache/go"

# The lines of apt's sources that mmdebstrap is to use; none makes it use its default.
sources=()
if [ -n "${CASEMATE_DEBIAN_MIRROR:-}" ]; then
  sources=("$CASEMATE_DEBIAN_MIRROR")
elif command -v apt-get >/dev/null; then
  # The origin and code name come from the signed Release files, so that third parties' sources for bookworm stay out.
  mapfile -t sources < <(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' \
    'Created-By: Packages' 'Origin: Debian' 'Component: main' | grep -E ' bookworm(-updates|-security)? main$' | sort -u)
  # Without the main suite the others are of no use.
  printf '%s\n' "${sources[@]}" | grep -q ' bookworm main$' || sources=()
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/casemate-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$output")"
step "making the image python:3.11 from Debian packages (about a minute)"
start=$(date +%s)

# Root file systems of bookworm must be merged-/usr; with this hook a package that says so is enough, where else the
# whole of Perl comes in to do the merge.
hooks=(/usr/share/mmdebstrap/hooks/maybe-merged-usr)
[ -d "${hooks[0]}" ] || hooks=()

# Python's byte code is made by the packages' own scripts, as time-stamped .pyc files. SOURCE_DATE_EPOCH must not be
# set here: it would make them hash-checked, which every start of Python pays for.
env -u SOURCE_DATE_EPOCH mmdebstrap --variant=apt --format=tar \
  --include="$packages" --keyring="$keyring" "${hooks[@]/#/--hook-dir=}" \
  --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook='rm -f "$1"/etc/resolv.conf "$1"/etc/hostname "$1"/var/cache/ldconfig/aux-cache' \
  --customize-hook='rm -f "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old "$1"/etc/*-' \
  --customize-hook='find "$1"/var/log -type f -delete' \
  bookworm "$work/rootfs.tar" "${sources[@]}"

go run ./deploy/images/mkimage -rootfs "$work/rootfs.tar" -built-since "$start" -name python:3.11 \
  -env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin -env LANG=C.UTF-8 -cmd python3 \
  -o "$output.new"
mv "$output.new" "$output"
echo "$made_by" >"$output.made-by"
note "$output: $(du -h --apparent-size "$output" | cut -f1), $(($(date +%s) - start)) s"
