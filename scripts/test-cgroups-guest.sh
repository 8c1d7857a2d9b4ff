#!/bin/busybox sh
# PID 1 of test-cgroups.sh's virtual machine: in the initramfs, which has the modules, and then again on the disk, which has
# the suite. The kernel makes casemate_cgroups=v1|v2 of its command line a variable.
/bin/busybox --install -s /bin
rm -f /bin/mke2fs # the disk has that of e2fsprogs
export PATH=/bin:/usr/bin:/usr/sbin
mount -t devtmpfs dev /dev
mount -t proc proc /proc

if [ ! -e /suite ]; then
  for module in virtio_pci virtio_blk overlay loop; do modprobe "$module"; done
  mount -t ext4 /dev/vda /disk
  umount /proc /dev
  exec switch_root /disk /init
fi

mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
hostname virtual-machine
export CASEMATE_AGENT_PATH=/bin/sandbox-agent CASEMATE_PROBE_PATH=/bin/probe
cgroup=/sys/fs/cgroup

# As systemd-coredump and apport are: a program of the machine's that the kernel starts, as root, with the memory of what crashed.
printf '#!/bin/busybox sh\n: >/crash-handled\n' >/bin/crash-handler
chmod +x /bin/crash-handler
echo '|/bin/crash-handler' >/proc/sys/kernel/core_pattern

# What cgroups have to do with, and crashes; the rest is the same whatever their version.
quick='core dumps|credentials|nothing of the host|pid limit|load|end|invalid configurations'
touched="memory limit|cpu limit|$quick"

suite() { "$@" /suite -test.v -test.timeout 8m; }
suite_part() { "$@" /suite -test.v -test.timeout 4m -test.run "^TestConformance$/^($touched)$"; }
suite_oci() { "$@" /suite-oci -test.v -test.timeout 4m -test.run "^TestConformance$/^(runc|crun)$/^($touched)$"; }

# suite_runsc TESTS [COMMAND...]. To use up memory, or a fifth of a processor, takes gVisor a minute in an emulated machine.
suite_runsc() {
  local tests=$1
  shift
  "$@" /suite-oci -test.v -test.timeout 6m -test.run "^TestConformance$/^runsc$/^($tests)$"
}

with_v1() {
  mount -t tmpfs tmpfs "$cgroup"
  for controllers in cpu,cpuacct memory pids devices; do # runc insists on the last
    mkdir -p "$cgroup/$controllers"
    mount -t cgroup -o "$controllers" cgroup "$cgroup/$controllers"
    # As systemd's legacy hierarchy is: a daemon is not at the top.
    mkdir "$cgroup/$controllers/service"
    echo $$ >"$cgroup/$controllers/service/cgroup.procs"
  done
  # With memory and processor, and all the rest, the suite runs on runsc where the machine itself has version 1.
  suite && suite_oci && suite_runsc "$quick"
}

with_v2() {
  mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 "$cgroup"
  # As systemd does for a service: a cgroup of its own, which has the daemon in it.
  mkdir -p "$cgroup/service"
  echo $$ >"$cgroup/service/cgroup.procs"
  suite && suite_oci && suite_runsc "$touched" || return 1
  # And as container engines do: that cgroup is the root of a namespace, and what is mounted is the machine's.
  suite_part /usr/bin/unshare --cgroup && suite_oci /usr/bin/unshare --cgroup && suite_runsc "$quick" /usr/bin/unshare --cgroup || return 1
  # With this shell in the way and out of sight, that can't be; the error says what to do.
  /usr/bin/unshare --cgroup --pid --fork /suite -test.run '^TestConformance$/^end$' | grep 'a cgroup namespace of its own'
}

# Of all that has crashed, nothing in a sandbox was handed to that program; a crash of this machine's is.
no_crash_handled() {
  if [ -e /crash-handled ]; then
    echo 'a crash in a sandbox has started kernel.core_pattern'
    return 1
  fi
  sh -c 'kill -SEGV $$'
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    if [ -e /crash-handled ]; then return; fi
    sleep 1
  done
  echo 'kernel.core_pattern does not work here, so nothing was shown'
  return 1
}

uname -r
if "with_$casemate_cgroups" && no_crash_handled; then echo 'casemate: the suite passed'; fi
poweroff -f
