package server

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/sigaction"
)

// ShrugOffSignals makes the agent survive every signal that a process of the sandbox can send. The kernel keeps from a PID 1
// what it has no handler for, KILL and STOP included; but Go handles nearly everything, and some of it by dying. And the
// kernel does not keep the rest away if it comes while the first thread blocks it, as to fork does, and another one does not.
func ShrugOffSignals() error {
	c := make(chan os.Signal, 1)
	signal.Notify(c) // everything that can be notified of is, and nobody listens
	// What reports faults is not among it when its sender says that it is a fault, as sigqueue lets him. A real fault of ours
	// still ends the process: the kernel does not let one ignore that.
	err := sigaction.Ignore(unix.SIGILL, unix.SIGTRAP, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV, unix.SIGSTKFLT, unix.SIGSYS)
	if err != nil {
		return err
	}
	// The rest must not be ignored, or all that the agent starts would ignore it. Go's own handler takes these for another's,
	// and does with them what was done before this program began: boot had them ignored.
	return sigaction.Copy(unix.SIGUSR1, sigaction.OfLibraries...)
}
