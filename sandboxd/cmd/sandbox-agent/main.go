// Command sandbox-agent is PID 1 of every sandbox. sandboxd starts it, in two stages: boot makes the sandbox around it, and
// server then does what sandboxd asks for. It is of no use to anybody else.
package main

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/boot"
	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/agent/server"
)

func main() {
	run := boot.FirstStage()
	if run == nil {
		run = serve
	}
	if err := run(); err != nil {
		// sandboxd waits for a message until the sandbox is ready.
		_, _ = unix.Write(handover.SetupFD, []byte(err.Error()))
		fmt.Fprintln(os.Stderr, "sandbox-agent:", err)
		os.Exit(1)
	}
}

func serve() error {
	// No process of the sandbox may read this one's memory, environment or descriptors, or trace it.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("become undumpable: %w", err)
	}
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(unsafe.StringData("sandbox-agent\x00"))), 0, 0, 0) // what ps shows
	for fd := 0; fd <= handover.BinaryFD; fd++ {
		unix.CloseOnExec(fd)
	}
	if err := server.ShrugOffSignals(); err != nil {
		return err
	}
	ready := false
	err := server.Serve(server.Config{
		Listener: handover.ListenerFD, EnterCgroup: handover.EnterFD, LeaveCgroup: handover.LeaveFD, MemoryEvents: handover.MemoryFD,
	}, func() error {
		if _, err := unix.Write(handover.SetupFD, []byte(handover.Ready)); err != nil {
			return fmt.Errorf("tell that the sandbox is ready: %w", err)
		}
		ready = true
		return unix.Close(handover.SetupFD)
	})
	if ready { // there is no setup socket any more to tell it to
		fmt.Fprintln(os.Stderr, "sandbox-agent:", err)
		os.Exit(1)
	}
	return err
}
