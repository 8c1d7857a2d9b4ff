// Package native makes sandboxes without an OCI runtime: it starts the agent straight into new user, mount, pid, net, ipc
// and uts namespaces, gives it a cgroup and an overlay root, and is done. The agent does the rest: see its boot package.
package native

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
)

// Name is the runtime's name in specs and configuration.
const Name = "native"

// Config says where things are; see onhost.Config.
type Config struct {
	StateDir, AgentPath string
	// CgroupParent is as onhost.Config's. Empty: "casemate".
	CgroupParent string
	// Ranges are as onhost.Config's. nil: the default's, for this runtime alone.
	Ranges *onhost.Ranges
	// DiskLimits are as onhost.Config's.
	DiskLimits onhost.DiskLimits
	// Rootless is as onhost.Config's.
	Rootless bool
}

// New prepares the runtime. It must be root. Check says in more words whether sandboxes can be made.
func New(cfg Config) (*onhost.Runtime, error) {
	if cfg.Ranges == nil {
		cfg.Ranges = onhost.NewRanges(0, 0)
	}
	return onhost.New(onhost.Config{
		Name: Name, StateDir: cfg.StateDir, AgentPath: cfg.AgentPath, CgroupParent: cmp.Or(cfg.CgroupParent, "casemate"),
		Ranges: cfg.Ranges, DiskLimits: cfg.DiskLimits, Rootless: cfg.Rootless, Launcher: launcher{},
	})
}

// launcher forks the agent.
type launcher struct{}

// Check implements onhost.Launcher.
func (launcher) Check(context.Context) error { return nil }

// Forget implements onhost.Launcher: the agent's end is that of everything.
func (launcher) Forget(context.Context, string) error { return nil }

// Close implements onhost.Launcher.
func (launcher) Close() error { return nil }

// Steps implements onhost.Launcher.
func (launcher) Steps(c *onhost.Creation) []onhost.Step {
	pid := 0
	return []onhost.Step{
		{Name: "fork", Do: func(context.Context) (err error) { pid, err = fork(c); return err }},
		// What the agent waits for at its gate, all at once.
		{Name: "furnish", Do: func(ctx context.Context) error {
			return c.AtOnce(ctx,
				onhost.Step{Name: "record", Do: c.WriteRecord},
				onhost.Step{Name: "network", Do: func(ctx context.Context) error { return c.Connect(ctx, pid) }},
				onhost.Step{Name: "root", Do: func(context.Context) error { return c.MountRoot(pid) }},
			)
		}},
		{Name: "gate", Do: func(context.Context) error { return c.OpenGate(true) }},
	}
}

// fork starts the agent. It stops at its gate, the setup socket.
func fork(c *onhost.Creation) (pid int, err error) {
	born := c.Born()
	files := make([]uintptr, len(born))
	for i, f := range born {
		files[i] = f.Fd()
	}
	ids := []syscall.SysProcIDMap{c.IDs()}
	err = c.Spawn(func(attr *syscall.SysProcAttr) (err error) {
		pidfd := -1
		attr.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
		attr.UidMappings, attr.GidMappings, attr.GidMappingsEnableSetgroups = ids, ids, true
		attr.Credential = &syscall.Credential{} // the sandbox's root; without this the execution loses the capabilities
		attr.Setsid = true
		attr.PidFD = &pidfd
		pid, err = syscall.ForkExec("/proc/self/fd/"+strconv.Itoa(int(files[handover.BinaryFD])), []string{handover.FirstStage},
			&syscall.ProcAttr{Dir: "/", Env: []string{"GOGC=off", "GOMAXPROCS=1"}, Files: files, Sys: attr})
		if err == nil {
			c.Started(pid, pidfd)
		}
		return err
	})
	if errors.Is(err, unix.EPERM) {
		return 0, fmt.Errorf("start the agent: %w: the kernel lets nobody make user namespaces in a chroot, or where a security module forbids it", err)
	}
	if err != nil {
		return 0, fmt.Errorf("start the agent: %w", err)
	}
	return pid, nil
}
