package server

import (
	"fmt"
	"os"
	"os/signal"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ShrugOffSignals makes the agent survive every signal that a process of the sandbox can send. The kernel keeps from a PID 1
// what it has no handler for, KILL and STOP included; but Go handles nearly everything, and some of it by dying.
func ShrugOffSignals() error {
	c := make(chan os.Signal, 1)
	signal.Notify(c) // everything that can be notified of is, and nobody listens
	// What reports faults is not among it when its sender says that it is a fault, as sigqueue lets him. Without a handler it
	// is the kernel's to drop; a real fault of ours still ends the process.
	for _, sig := range []unix.Signal{unix.SIGILL, unix.SIGTRAP, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV, unix.SIGSTKFLT, unix.SIGSYS} {
		var dfl struct {
			handler, flags, restorer uintptr
			mask                     uint64
		}
		if _, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&dfl)), 0, 8, 0, 0); errno != 0 {
			return fmt.Errorf("reset the handler of %v: %w", sig, errno)
		}
	}
	return nil
}
