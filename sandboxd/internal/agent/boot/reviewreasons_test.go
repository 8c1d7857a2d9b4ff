package boot

// reasons say, for each difference to the container engines' default, why there is one.
var reasons = map[string]string{
	"clone":             "time namespaces too would be new ones; the value is a signal's otherwise, and no signal has it",
	"epoll_ctl_old":     "no kernel has it",
	"epoll_wait_old":    "no kernel has it",
	"fanotify_mark":     "of no use without fanotify_init, which both refuse",
	"get_thread_area":   "for 32-bit programs, which don't run here",
	"set_thread_area":   "for 32-bit programs, which don't run here",
	"listmount":         "tells no more than /proc/self/mountinfo, which programs fall back to; young code in the kernel",
	"statmount":         "tells no more than /proc/self/mountinfo, which programs fall back to; young code in the kernel",
	"lsm_get_self_attr": "the host's security modules are no business of a sandbox's; programs fall back to /proc",
	"lsm_list_modules":  "the host's security modules are no business of a sandbox's",
	"lsm_set_self_attr": "the host's security modules are no business of a sandbox's",
	"modify_ldt":        "for 16-bit programs; often the way into a kernel",
	"personality":       "no randomisation of addresses, which debuggers set for what they start; it weakens nobody else",
	"socket":            "only unix, inet, inet6 and netlink; other families are rarely used, and often where a kernel was broken",
	"prlimit64":         "the limit of core dumps stays 1, which keeps the host's handler of crashes out of it; to set it seems to work",
	"setrlimit":         "the limit of core dumps stays 1, which keeps the host's handler of crashes out of it; to set it seems to work",
	"unshare":           "without a flag for a namespace it does what clone does, which both allow: own descriptors, own working directory",
}

const pageHead = `# The filter of system calls

Every sandbox's processes run under one seccomp filter, on amd64 and arm64. It is an allow list: what it does not name fails. It follows
the default profile of the container engines, as containerd has it for a container with the same capabilities, but where the table
says otherwise. The table is made and checked by ` + "`TestReviewedAgainstContainerEngines`" + `, which compares both for every call that
there is on either architecture, and fails on a difference without a reason: a new version of theirs, or a new call, comes up there.

| call | container engines | Casemate | why |
|---|---|---|---|
`

const pageTail = `
**How a call fails.** What programs have known for ever and must not do fails with EPERM, and what is in no list with ENOSYS, so that a C
library falls back to an older call. Theirs is EPERM for all but clone3. io_uring, whose operations no filter sees, and clone3, whose flags
none can read, are ENOSYS on purpose. Another architecture's calls (i386) end the process; x32's are ENOSYS.

**Capabilities** that a request adds open no further call: theirs adds some with SYS_ADMIN, SYS_PTRACE, SYS_TIME and others, which no
sandbox can have, and open_by_handle_at with DAC_READ_SEARCH, which stays refused.

**Calls of young kernels** (up to 6.18): mseal, cachestat, fchmodat2, map_shadow_stack, futex_wait, futex_wake, futex_requeue and the
xattrat calls are allowed, as there. open_tree_attr, file_getattr, file_setattr, listns and set_mempolicy_home_node are refused, as there.

## Paths

What the container engines mask, or make read-only, in /proc and /sys, is so in a sandbox too; ` + "`TestPathsOfContainerEngines`" + ` compares
the lists. All file systems of the system's own are nosuid and noexec, and nodev but for /dev; /sys is read-only. A /tmp that comes with a
read-only root is nosuid and nodev.
`
