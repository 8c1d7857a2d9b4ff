package server

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/sigaction"
)

// ShrugOffSignals makes the agent survive every signal that a process of the sandbox can send. The kernel keeps from a PID 1
// what it has no handler for, KILL and STOP included; but Go handles nearly everything, and some of it by dying. And the
// kernel does not keep the rest away if it comes while the first thread blocks it, as to fork does, and another one does not.
//
// Package os/signal could do most of this. But it has two threads meet for every signal, which takes two milliseconds of a
// sandbox's start, and leaves out those that report faults, whose sender may say that it is a fault, as sigqueue lets him.
func ShrugOffSignals() error {
	// What Go handles, it gives back to a process that it starts: there it is not ignored. A real fault of ours still ends the
	// agent: the kernel does not let one ignore that.
	var ignored []unix.Signal
	for sig := unix.SIGHUP; sig <= lastSignal; sig++ {
		if !slices.Contains(beyondHarm, sig) && !slices.Contains(notHandled, sig) {
			ignored = append(ignored, sig)
		}
	}
	if err := sigaction.Ignore(ignored...); err != nil {
		return err
	}
	// The rest must not be ignored, or all that the agent starts would ignore it. Go's own handler takes these for another's,
	// and does with them what was done before this program began: stop and continue are nothing to a PID 1, and boot had the
	// libraries' ignored.
	return sigaction.Copy(unix.SIGURG, notHandled...)
}

// lastSignal is the kernel's SIGRTMAX.
const lastSignal = unix.Signal(64)

func checkSignal(sig int) error {
	if sig < 1 || sig > int(lastSignal) {
		return errdefs.InvalidField("signal", "%d is not a signal number (1 to 64)", sig)
	}
	return nil
}

// beyondHarm are the two that nobody can handle, and those that Go needs for itself, whose handler harms nothing: the end of
// a child (to ignore it would be to have children reaped unseen), preemption, and a call for all threads.
var beyondHarm = []unix.Signal{unix.SIGKILL, unix.SIGSTOP, unix.SIGCHLD, unix.SIGURG, 33}

// notHandled are those that Go has no handler for from the start.
var notHandled = append([]unix.Signal{unix.SIGCONT, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU}, sigaction.OfLibraries...)
