#!/usr/bin/env bash
# deps.sh test|bench: installs what `make test` or `make bench` needs and the machine lacks.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "the tests make real sandboxes, which needs root" "run: sudo make $1"
case "$1" in
  # busybox-static: the smallest real root file system. gcc: the race detector links with it. iproute2 and nftables: to make
  # and look at the networks of tests. python3-pip-whl: pip, for the sandbox that installs a package. jq: the commands of
  # docs/grpcurl.md use it. e2fsprogs: sandboxes' disks, and such as fill up and fail. strace: it kills a daemon at a write. runc and crun: runtimes. uidmap and slirp4netns: an ordinary user's sandboxd.
  test) need_apt busybox-static gcc libc6-dev ca-certificates iproute2 nftables python3-pip-whl jq e2fsprogs strace runc crun uidmap slirp4netns ;;
  # runc and busybox: the peer of the cold start; e2fsprogs: sandboxes' disks. runc and crun: runtimes that are measured.
  bench) need_apt busybox-static e2fsprogs runc crun ;;
  *) die "usage: deps.sh test|bench" ;;
esac
need_go
