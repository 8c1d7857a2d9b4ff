package boot

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// archCalls are further allowed calls that only this architecture has.
var archCalls []uint32

// archDenied are further calls that fail with EPERM.
var archDenied []uint32
