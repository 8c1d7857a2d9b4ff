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

suite() { "$@" /suite -test.v -test.timeout 8m; }

# What runc and crun do with cgroups; the rest is the same whatever their version.
suite_oci() { "$@" /suite-oci -test.v -test.timeout 4m -test.run '^TestConformance$/^(runc|crun)$/^(credentials|nothing of the host|memory limit|cpu limit|pid limit|load|end|invalid configurations)$'; }

with_v1() {
  mount -t tmpfs tmpfs "$cgroup"
  for controllers in cpu,cpuacct memory pids devices; do # runc insists on the last
    mkdir -p "$cgroup/$controllers"
    mount -t cgroup -o "$controllers" cgroup "$cgroup/$controllers"
    # As systemd's legacy hierarchy is: a daemon is not at the top.
    mkdir "$cgroup/$controllers/service"
    echo $$ >"$cgroup/$controllers/service/cgroup.procs"
  done
  suite && suite_oci
}

with_v2() {
  mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 "$cgroup"
  # As systemd does for a service: a cgroup of its own, which has the daemon in it.
  mkdir -p "$cgroup/service"
  echo $$ >"$cgroup/service/cgroup.procs"
  suite && suite_oci || return 1
  # And as container engines do: that cgroup is the root of a namespace, and what is mounted is the machine's.
  suite /usr/bin/unshare --cgroup && suite_oci /usr/bin/unshare --cgroup || return 1
  # With this shell in the way and out of sight, that can't be; the error says what to do.
  /usr/bin/unshare --cgroup --pid --fork /suite -test.run '^TestConformance$/^end$' | grep 'a cgroup namespace of its own'
}

uname -r
if "with_$casemate_cgroups"; then echo 'casemate: the suite passed'; fi
poweroff -f
