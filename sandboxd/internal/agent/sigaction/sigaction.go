// Package sigaction sets the handlers of signals beneath package os/signal, which leaves out those that report faults and
// those that C libraries keep for themselves.
package sigaction

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// OfLibraries are the signals that Go handles in no case: glibc's SIGCANCEL (musl's SIGTIMER), and musl's SIGSYNCCALL.
var OfLibraries = []unix.Signal{32, 34}

// action is the kernel's struct sigaction.
type action struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// Ignore makes the kernel drop the signals. What is executed later ignores them too, unless package syscall forks for it and
// the signal is one that Go handles.
func Ignore(signals ...unix.Signal) error {
	const ignore = 1 // SIG_IGN
	for _, sig := range signals {
		if err := sigaction(sig, &action{handler: ignore}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Default gives the signals back to the kernel.
func Default(signals ...unix.Signal) error {
	for _, sig := range signals {
		if err := sigaction(sig, &action{}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Copy gives the signals the handler of another. What is executed later has the default again.
func Copy(from unix.Signal, to ...unix.Signal) error {
	var a action
	if err := sigaction(from, nil, &a); err != nil {
		return err
	}
	for _, sig := range to {
		if err := sigaction(sig, &a, nil); err != nil {
			return err
		}
	}
	return nil
}

// sigaction sets what happens at a signal, unless set is nil, and stores what did before, unless old is nil.
func sigaction(sig unix.Signal, set, old *action) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)),
		unsafe.Sizeof(action{}.mask), 0, 0)
	if errno != 0 {
		return fmt.Errorf("set the handler of signal %d: %w", sig, errno)
	}
	return nil
}
