package boot

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

// Hold is for namespaces that exist before a container does: it sets them up as Run would, and holds them for as long as
// sandboxd wants. See handover.HoldStage.
func Hold() error {
	for _, do := range []func() error{loopbackUp, boundInotify} {
		if err := do(); err != nil {
			_, _ = os.Stdout.WriteString(err.Error())
			return err
		}
	}
	if _, err := os.Stdout.WriteString(handover.HoldReady); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.NewFile(handover.HoldFD, "hold"))
	return err
}

// RunInContainer is Run where an OCI runtime has made the namespaces, the mounts and the host name, and has dropped
// capabilities. What it may have done as well, as its configuration says, is done again: the walls of a sandbox are the same
// with every runtime. It returns only when something failed.
func RunInContainer() error {
	runtime.LockOSThread()
	var (
		prog  []unix.SockFilter
		setup handover.Setup
	)
	return becomeAgent([]step{
		{"set resource limits", setLimits},
		{"prepare signals", prepareSignals},
		{"assemble the filter of system calls", func() (err error) { prog, err = assemble(nil); return err }},
		{"receive the set-up", func() (err error) { setup, _, err = receive(true); return err }},
		{"write /etc/hosts", func() error { return writeHosts(setup) }},
		{"bound open files", func() error { return boundOpenFiles(setup.OpenFiles) }},
		{"close other descriptors", closeOthers},
		{"make the root file system read-only", func() error { return sealRoot(setup) }},
		{"drop capabilities", func() error { return dropCapabilities(setup.Capabilities) }},
		{"restrict by Landlock", restrictFiles},
		{"filter system calls", func() error { return filterSyscalls(prog) }},
	})
}
