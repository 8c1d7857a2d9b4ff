package boot

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Capabilities are what root has in a sandbox. They count inside the sandbox's user namespace only: over its own files,
// processes and network. Each is here because ordinary software fails without it. Left out, of what container engines
// give: MKNOD (no device can be made in a user namespace anyway), NET_RAW (forged packets on whatever network the sandbox
// is given; ping works without), AUDIT_WRITE (the kernel answers no user namespace's audit messages; login and su cope).
var Capabilities = []uintptr{
	unix.CAP_CHOWN,            // package managers, tar, install -o
	unix.CAP_DAC_OVERRIDE,     // root reads and writes what belongs to the sandbox's users, as people expect of root
	unix.CAP_FOWNER,           // chmod and utimes on files of the sandbox's users: tar, dpkg, pip
	unix.CAP_FSETID,           // keep set-id bits when a file is written or its group changed: dpkg
	unix.CAP_KILL,             // end processes of the sandbox's users
	unix.CAP_SETGID,           // su, apt's download user, daemons that step down; and the agent's own `user`
	unix.CAP_SETUID,           // the same
	unix.CAP_SETPCAP,          // give up: capsh and setpriv drop the rest with it. It gains nothing that is not here
	unix.CAP_NET_BIND_SERVICE, // ports below 1024 of the sandbox's own network
	unix.CAP_SYS_CHROOT,       // chroot: sshd, apt and build tools; the namespaces hold, not the root directory
	unix.CAP_SETFCAP,          // file capabilities in packages: dpkg's postinst scripts fail without
}

// dropCapabilities leaves the calling thread the capabilities above and no way to more: its bounding set is the same, and
// no_new_privs makes execution give none, whatever set-id bits or file capabilities say.
func dropCapabilities() error {
	var keep uint64
	for _, c := range Capabilities {
		keep |= 1 << c
	}
	for c := uintptr(0); c < 64; c++ {
		if keep&(1<<c) != 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err == unix.EINVAL {
			break // one more than the kernel has
		} else if err != nil {
			return fmt.Errorf("drop capability %d from the bounding set: %w", c, err)
		}
	}
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := [2]unix.CapUserData{
		{Effective: uint32(keep), Permitted: uint32(keep)},
		{Effective: uint32(keep >> 32), Permitted: uint32(keep >> 32)},
	}
	if err := unix.Capset(&hdr, &data[0]); err != nil {
		return fmt.Errorf("set capabilities: %w", err)
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}
