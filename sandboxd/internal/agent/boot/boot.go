// Package boot is the first stage of the agent. sandboxd started it in new user, mount, pid, net, ipc and uts namespaces,
// with every capability over them and nothing else done. It makes the sandbox: mounts, host name, loopback; then it
// gives up what the sandbox must not have, on one thread, and executes the agent again from that thread, so that every
// thread of the second stage, and whatever it starts, has exactly what was left.
//
// Package layout: mounts.go, caps.go, landlock.go, seccomp*.go are one wall each.
package boot

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/agent/sigaction"
)

// step is one thing that a first stage does.
type step struct {
	what string
	do   func() error
}

// Run does all of the first stage. It returns only when something failed.
func Run() error {
	runtime.LockOSThread()
	var (
		system held
		prog   []unix.SockFilter
		setup  handover.Setup
		root   int
	)
	return becomeAgent([]step{
		// Before the gate, while sandboxd makes the root: what needs neither that nor anything of the image.
		//
		// The cgroup that sandboxd has put the agent into becomes the root of all that the sandbox can see of cgroups.
		{"make a cgroup namespace", func() error { return unix.Unshare(unix.CLONE_NEWCGROUP) }},
		{"make file systems", func() (err error) { system, err = takeHold(); return err }},
		{"bring the loopback interface up", loopbackUp},
		{"set resource limits", setLimits},
		{"prepare signals", prepareSignals},
		{"assemble the filter of system calls", func() (err error) { prog, err = assemble(nil); return err }},
		// The gate.
		{"receive the root file system", func() (err error) { setup, root, err = receive(false); return err }},
		{"set the host name", func() error { return unix.Sethostname([]byte(setup.Hostname)) }},
		{"mount the file systems", func() error { return mountAll(root, system) }},
		{"write /etc/hosts", func() error { return writeHosts(setup) }},
		{"bound open files", func() error { return boundOpenFiles(setup.OpenFiles) }},
		{"close other descriptors", closeOthers},
		{"make the root file system read-only", func() error { return sealRoot(setup) }},
		{"drop capabilities", func() error { return dropCapabilities(setup.Capabilities) }},
		{"restrict by Landlock", restrictFiles},
		{"filter system calls", func() error { return filterSyscalls(prog) }},
	})
}

// becomeAgent takes the steps and executes the second stage. It returns only when something failed.
func becomeAgent(steps []step) error {
	if err := takeSteps(steps); err != nil {
		return err
	}
	err := syscall.Exec(fmt.Sprintf("/proc/self/fd/%d", handover.BinaryFD), []string{"sandbox-agent"}, secondStageEnv)
	return fmt.Errorf("execute the second stage: %w", err)
}

func takeSteps(steps []step) error {
	for _, step := range steps {
		err := step.do()
		if fault := (*imageFault)(nil); errors.As(err, &fault) {
			return fmt.Errorf("%s%w", handover.ImageFault, fault)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// secondStageEnv keeps an idle agent small: its work is moving bytes, and it should not take a core's worth of threads.
var secondStageEnv = []string{"GOGC=50", "GOMEMLIMIT=32MiB", "GOMAXPROCS=2", "GOTRACEBACK=single"}

// FirstStage returns what this process is to do first; nil when it is the second stage.
func FirstStage() func() error {
	switch {
	case len(os.Args) == 1 && os.Args[0] == handover.FirstStage:
		return Run
	case len(os.Args) == 1 && os.Args[0] == handover.HoldStage:
		return Hold
	case len(os.Args) == 2 && os.Args[1] == handover.ContainerStage:
		return RunInContainer
	case len(os.Args) == 2 && os.Args[1] == handover.SentryStage:
		return RunInSentry
	}
	return nil
}

// prepareSignals is for the second stage's Go to find: see the server's ShrugOffSignals. It would not handle these two if
// sandboxd, started by nohup perhaps, was told to ignore them.
func prepareSignals() error {
	if err := sigaction.Default(unix.SIGHUP, unix.SIGINT); err != nil {
		return err
	}
	return sigaction.Ignore(sigaction.OfLibraries...)
}

func setLimits() error {
	unix.Umask(0o022)
	// A core dump would put a process's environment, secrets included, into a file, or into a program of the host's.
	return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: handover.CoreLimit, Max: handover.CoreLimit})
}

// boundOpenFiles sets the limit that all of the sandbox inherits, and nobody there can raise. What is allowed is also given at once, up to a number
// that is not too many for programs that go through all they could have open.
func boundOpenFiles(most uint64) error {
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: min(most, 1<<16), Max: most})
}

// closeOthers marks everything but what the second stage needs to be closed by its execution.
func closeOthers() error {
	const cloexec = 4 // CLOSE_RANGE_CLOEXEC
	return unix.CloseRange(handover.BinaryFD, ^uint(0)>>1&0x7fffffff, cloexec)
}

// loopbackUp brings up lo, which a new network namespace has, down.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, ifr)
}
