package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Capabilities is a set of Linux capabilities: bit n is the capability of number n.
type Capabilities uint64

// allCapabilities names every capability that Linux has, by number.
var allCapabilities = []string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
	"NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO",
	"SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG",
	"MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM",
	"BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
}

// DefaultCapabilities are what root has in a sandbox. They count inside the sandbox's user namespace only: over its own
// files, processes and network. Each is here because ordinary software fails without it.
var DefaultCapabilities = capabilitySet(
	"CHOWN",            // package managers, tar, install -o
	"DAC_OVERRIDE",     // root reads and writes what belongs to the sandbox's users, as people expect of root
	"FOWNER",           // chmod and utimes on files of the sandbox's users: tar, dpkg, pip
	"FSETID",           // keep set-id bits when a file is written or its group changed: dpkg
	"KILL",             // end processes of the sandbox's users
	"SETGID",           // su, apt's download user, daemons that step down; and the agent's own `user`
	"SETUID",           // the same
	"SETPCAP",          // give up: capsh and setpriv drop the rest with it. It gains nothing that is not here
	"NET_BIND_SERVICE", // ports below 1024 of the sandbox's own network
	"SYS_CHROOT",       // chroot: sshd, apt and build tools; the namespaces hold, not the root directory
	"SETFCAP",          // file capabilities in packages: dpkg's postinst scripts fail without
)

// GrantableCapabilities are what an operator may let a request add. Every other one either does nothing in a user namespace,
// or opens what holds a sandbox: with SYS_PTRACE, the agent; with SYS_ADMIN, mounts.
var GrantableCapabilities = capabilitySet(
	"AUDIT_WRITE",     // does nothing in a user namespace; software asks for it
	"DAC_READ_SEARCH", // less than DAC_OVERRIDE, for who drops that
	"IPC_OWNER",       // System V IPC of the sandbox's users
	"MKNOD",           // no device can be made in a user namespace; software asks for it
	"NET_ADMIN",       // addresses, routes and packet filters of the sandbox's own network: much of the kernel's code
	"NET_RAW",         // forged packets on the sandbox's own network, which its packet filter refuses to pass on
)

func capabilitySet(names ...string) (set Capabilities) {
	for _, name := range names {
		c, _ := parseCapability(name)
		set |= c
	}
	return set
}

// parseCapability takes a name as `capabilities(7)` and as container engines write it: CAP_NET_RAW, NET_RAW, net_raw.
func parseCapability(name string) (Capabilities, bool) {
	i := slices.Index(allCapabilities, strings.TrimPrefix(strings.ToUpper(name), "CAP_"))
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

// allWord stands for every capability, also those that only a later kernel has.
const (
	allWord         = "ALL"
	allOf           = ^Capabilities(0)
	maxCapabilities = 64 // in a list of a request
)

// ParseGrantable reads the names of capabilities that an operator lets requests add. The error names one that can't be.
func ParseGrantable(names []string) (set Capabilities, err error) {
	for _, name := range names {
		c, known := parseCapability(name)
		switch {
		case !known:
			return 0, fmt.Errorf("%q is no capability; those that can be given are %s", name, GrantableCapabilities)
		case c&GrantableCapabilities == 0:
			return 0, fmt.Errorf("%s is never given: every sandbox has it, or it would do nothing there, or open what holds it; those that can be given are %s", name, GrantableCapabilities)
		}
		set |= c
	}
	return set, nil
}

// Names returns the set's names, in the order of their numbers; a number without a name is left out.
func (c Capabilities) Names() (names []string) {
	for i, name := range allCapabilities {
		if c&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String is the names, separated by commas.
func (c Capabilities) String() string { return strings.Join(c.Names(), ", ") }
