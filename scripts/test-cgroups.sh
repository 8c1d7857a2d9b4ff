#!/usr/bin/env bash
# test-cgroups.sh [v1|v2]...: runs the native runtime's suite, and of the others' what cgroups have to do with, on Debian's
# kernel in virtual machines without a network, one that has cgroup v1 alone and one that has v2 alone. They are emulated: it takes no /dev/kvm, and their times mean nothing.
. "$(dirname "$0")/lib.sh"
[ "$(dpkg --print-architecture)" = amd64 ] || die "the virtual machines are amd64's, and so must the packages be"
need_go
need_apt busybox-static cpio crun e2fsprogs qemu-system-x86 runc
cd "$ROOT"
VM=$CACHE/vm
TIMEOUT=12m # of one machine

# The kernel, unpacked and not installed: the machine's own /boot stays as it is.
fetch_kernel() {
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" {print $2}') ||
    die "apt knows no linux-image-cloud-amd64, Debian's kernel" "run: apt-get update"
  KERNEL=$VM/$package
  [ ! -e "$KERNEL" ] || return 0
  step "fetching $package into .cache/vm"
  rm -rf "$VM"/linux-image-* "$VM/unpacking"
  mkdir -p "$VM"
  (cd "$VM" && apt-get download -qq "$package") 2>"$VM/apt.log" ||
    { cat "$VM/apt.log" >&2; die "apt-get download failed" "run: apt-get update"; }
  dpkg-deb -x "$VM/$package"_*.deb "$VM/unpacking"
  rm "$VM/$package"_*.deb
  mv "$VM/unpacking" "$KERNEL"
}

# The initramfs has the modules that it takes to mount the disk and the overlays.
make_initramfs() {
  local tree=$VM/initramfs modules version
  modules=$(find "$KERNEL" -path '*/lib/modules/*' -prune) # of a merged /usr or not
  version=$(basename "$modules")
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,dev,disk,proc} "$tree/lib/modules/$version/kernel/"{drivers,fs}
  cp -a "$modules"/modules.* "$tree/lib/modules/$version/"
  cp -a "$modules"/kernel/drivers/{virtio,block} "$tree/lib/modules/$version/kernel/drivers/"
  cp -a "$modules/kernel/fs/overlayfs" "$tree/lib/modules/$version/kernel/fs/"
  busybox depmod -b "$tree" "$version"
  cp /bin/busybox "$tree/bin/"
  cp scripts/test-cgroups-guest.sh "$tree/init"
  (cd "$tree" && find . | cpio -o -H newc --quiet) >"$VM/initramfs.cpio"
}

# The disk has the suite. Its file system, ext4, is one that knows idmapped mounts on every kernel that sandboxd runs on.
make_disk() {
  local tree=$VM/disk
  rm -rf "$tree" "$VM/disk.ext4"
  mkdir -p "$tree"/{bin,dev,etc,proc,sys,tmp}
  CGO_ENABLED=0 go test -c -o "$tree/suite" ./sandboxd/internal/runtime/native
  CGO_ENABLED=0 go test -c -o "$tree/suite-oci" ./sandboxd/internal/runtime/oci
  CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o "$tree/bin/probe" ./sandboxd/internal/runtime/runtimetest/probe
  cp "$BIN/sandbox-agent" "$BIN/runsc" /bin/busybox "$tree/bin/"
  # With their libraries; busybox's unshare knows no cgroup namespaces.
  local programs
  programs="/usr/bin/unshare $(command -v runc) $(command -v crun) $(PATH=$PATH:/usr/sbin:/sbin command -v mke2fs)"
  cp --parents -L $programs $(ldd $programs | grep -o '/[^ :]*' | sort -u) "$tree"
  cp scripts/test-cgroups-guest.sh "$tree/init"
  mkfs.ext4 -q -d "$tree" "$VM/disk.ext4" 1G >/dev/null
}

# run VERSION: boots a machine, and shows what it says.
run() {
  local log=$VM/$1.log options=(quiet panic=-1 console=ttyS0 mitigations=off "casemate_cgroups=$1")
  [ "$1" = v1 ] || options+=(cgroup_no_v1=all)
  step "the runtimes' suite with cgroup $1, on $(basename "$KERNEL")"
  SECONDS=0
  timeout --foreground "$TIMEOUT" qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 1536 -nodefaults -display none -nic none \
    -no-reboot -serial stdio -kernel "$KERNEL"/boot/vmlinuz-* -initrd "$VM/initramfs.cpio" -append "${options[*]}" \
    -drive "file=$VM/disk.ext4,format=raw,if=virtio,snapshot=on" </dev/null | tr -d '\r' | tee "$log" || true
  # A machine that is not heard of again has failed too.
  grep -q '^casemate: the suite passed$' "$log" || die "the suite failed with cgroup $1" "the whole log is in .cache/vm/$1.log"
  note "passed in $SECONDS s"
}

fetch_kernel
if [ $# = 0 ]; then
  set -- v1 v2
  if grep -q '^# CONFIG_MEMCG_V1 is not set' "$KERNEL"/boot/config-*; then # as from Debian 13 on
    note "$(basename "$KERNEL") has no memory controller for cgroup v1, so nobody's sandboxes can use that there: v2 only"
    set -- v2
  fi
fi
make_initramfs
make_disk
for version in "$@"; do run "$version"; done
