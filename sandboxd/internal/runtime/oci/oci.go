// Package oci makes sandboxes by an OCI runtime's command line, runc or crun: for operators who want the strength or the policy of
// the runtime that the rest of their containers run on. What a sandbox may do is the same as with the native runtime, and is
// enforced twice: by the runtime, which is told to (spec.go), and by the agent's first stage in the container.
//
// A process of ours holds the user and the network namespace until the container has joined them (hold.go), so that the
// network and the root file system, with its user ids, are there before the container is. The environment, with its secrets, never passes
// through the runtime: it comes by the agent's socket.
//
// Besides what onhost says, there is on the host
//
//	<StateDir>/<runtime>/.state/<id>/     what the OCI runtime keeps of a container
//	<StateDir>/<runtime>/<id>/config.json the bundle
//	<cgroup>/<CgroupParent>/<id>          in all hierarchies, made by the OCI runtime
package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/casemate/casemate/sandboxd/internal/agent/boot"
	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
	"golang.org/x/sys/unix"
)

// The runtimes that this package knows.
const (
	Runc = "runc"
	Crun = "crun"
	// Runsc is gVisor's; see gvisor.go.
	Runsc = "runsc"
)

// Config says where things are; see onhost.Config.
type Config struct {
	// Name is Runc, Crun or Runsc.
	Name string
	// Binary is the path of the OCI runtime; empty: Name, from $PATH.
	Binary                            string
	StateDir, AgentPath, CgroupParent string
	Ranges                            *onhost.Ranges
	DiskLimits                        onhost.DiskLimits
}

// New prepares the runtime. It must be root. Check says in more words whether sandboxes can be made.
func New(cfg Config) (*onhost.Runtime, error) {
	if cfg.Name == Runsc {
		return newGVisor(cfg)
	}
	if cfg.Name != Runc && cfg.Name != Crun {
		return nil, fmt.Errorf("there is no OCI runtime %q: %s, %s or %s", cfg.Name, Runc, Crun, Runsc)
	}
	state, err := filepath.Abs(filepath.Join(cfg.StateDir, cfg.Name, ".state"))
	if err != nil {
		return nil, err
	}
	l := &launcher{name: cfg.Name, binary: cfg.Binary, state: state, parent: cfg.CgroupParent}
	if l.binary == "" {
		l.binary = cfg.Name
	}
	return onhost.New(onhost.Config{
		Name: cfg.Name, StateDir: cfg.StateDir, AgentPath: cfg.AgentPath, CgroupParent: cfg.CgroupParent, Ranges: cfg.Ranges, DiskLimits: cfg.DiskLimits,
		Launcher: l,
	})
}

// launcher has an OCI runtime start the agent as a container's first process.
type launcher struct {
	name   string
	binary string
	state  string // where the OCI runtime keeps its records
	parent string // cgroup
}

// Check implements onhost.Launcher.
func (l *launcher) Check(ctx context.Context) error {
	path, err := exec.LookPath(l.binary)
	if err != nil {
		return fmt.Errorf("%w; `apt-get install %s` installs it, and runtime_paths names one elsewhere", err, l.name)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", path, err)
	}
	if !bytes.HasPrefix(out, []byte(l.name+" ")) {
		first, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%s is no %s: it says %q", path, l.name, first)
	}
	return nil
}

// Steps implements onhost.Launcher.
func (l *launcher) Steps(c *onhost.Creation) []onhost.Step {
	var h *holder
	return []onhost.Step{
		{Name: "namespaces", Do: func(ctx context.Context) (err error) { h, err = hold(ctx, c); return err }},
		{Name: "furnish", Do: func(ctx context.Context) error {
			return c.AtOnce(ctx,
				onhost.Step{Name: "bundle", Do: func(context.Context) error { return l.writeBundle(c, h.pid) }},
				onhost.Step{Name: "network", Do: func(ctx context.Context) error { return c.Connect(ctx, h.pid) }},
				onhost.Step{Name: "root", Do: func(context.Context) error { return c.MountRoot(h.pid) }},
			)
		}},
		{Name: "container", Do: func(ctx context.Context) error { return l.start(ctx, c) }},
		{Name: "record", Do: c.WriteRecord},
		{Name: "gate", Do: func(context.Context) error { return c.OpenGate(false) }},
	}
}

func (l *launcher) writeBundle(c *onhost.Creation, holder int) error {
	spec, err := json.Marshal(newSpec(container{
		hostname: c.Config.Hostname, cgroup: "/" + l.parent + "/" + c.Config.ID, ids: c.IDs(), holder: holder,
		security: c.Config.Security, masked: boot.ThrottlePaths(),
	}))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir(), "config.json"), spec, 0o600); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

// start has the OCI runtime make the container. When it returns, the agent waits at its gate.
func (l *launcher) start(ctx context.Context, c *onhost.Creation) error {
	pidFile := filepath.Join(c.Dir(), "pid")
	born := c.Born()
	err := onhost.InMountNamespace(func() error {
		if err := mountRoot(c.Root()); err != nil {
			return fmt.Errorf("mount the container's root at %s: %w", rootfs, err)
		}
		if err := checkRoot(rootfs); err != nil {
			return err
		}
		cmd := l.command(ctx, "run", "--detach", "--pid-file", pidFile, "--bundle", c.Dir(),
			"--preserve-fds", strconv.Itoa(handover.BinaryFD-2), c.Config.ID)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = born[0], born[1], born[2]
		cmd.ExtraFiles = born[3:]
		show, err := hideUsers(rootfs)
		if err != nil {
			return err
		}
		if err := l.run(cmd); err != nil {
			return errors.Join(fmt.Errorf("%s run: %w%s", l.name, err, c.InItsWords()), show())
		}
		return show()
	})
	if err != nil {
		return err
	}
	pid, err := readPid(pidFile)
	if err != nil {
		return err
	}
	return started(c, pid)
}

// readPid reads what an OCI runtime has written of the process that it started.
func readPid(file string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("find the container's process: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("find the container's process: %w", err)
	}
	return pid, nil
}

// started gives the creation its process. The agent waits for us at its gate, so the number is its own; has it ended, the gate's
// other end tells.
func started(c *onhost.Creation, pid int) error {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("the agent ended at once: %w%s", err, c.InItsWords())
	}
	c.Started(pid, pidfd)
	return nil
}

func mountRoot(root *os.File) error {
	if err := unix.Mount("tmpfs", workplace, "tmpfs", 0, "mode=0755"); err != nil {
		return err
	}
	if err := os.Mkdir(rootfs, 0o755); err != nil {
		return err
	}
	return unix.MoveMount(int(root.Fd()), "", unix.AT_FDCWD, rootfs, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// command is one of the OCI runtime, with nothing of our environment but the path.
func (l *launcher) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.binary, append([]string{"--root", l.state}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	return cmd
}

// run runs a command in the calling thread's mount namespace, which is its own.
func (l *launcher) run(cmd *exec.Cmd) error {
	if err := onhost.ShowCgroups(); err != nil {
		return err
	}
	if l.name == Crun {
		// It refuses to work where cgroups of both versions are mounted. What it would not use is not there for it.
		if err := unix.Unmount("/sys/fs/cgroup/unified", unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("hide the second version's cgroups: %w", err)
		}
	}
	return cmd.Run()
}

// Forget implements onhost.Launcher.
func (l *launcher) Forget(ctx context.Context, id string) error {
	var left error
	if _, err := os.Stat(filepath.Join(l.state, id)); err == nil {
		var said bytes.Buffer
		cmd := l.command(ctx, "delete", "--force", id)
		cmd.Stderr = &said
		if err := onhost.InMountNamespace(func() error { return l.run(cmd) }); err != nil {
			left = fmt.Errorf("%s delete: %w: %s", l.name, err, strings.TrimSpace(said.String()))
		}
		// One that was killed leaves what it can't make sense of itself.
		left = errors.Join(left, os.RemoveAll(filepath.Join(l.state, id)))
	}
	return errors.Join(left, removeCgroups(filepath.Join(l.parent, id)))
}

// Close implements onhost.Launcher.
func (l *launcher) Close() error {
	_ = removeCgroups(l.parent) // where sandboxes go on, it is not empty
	return nil
}

// removeCgroups removes a cgroup from the hierarchies that onhost does not use.
func removeCgroups(path string) error {
	dirs, err := onhost.OtherCgroups(path)
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		if err := unix.Rmdir(dir); err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EROFS) {
			errs = append(errs, fmt.Errorf("remove cgroup %s: %w", dir, err))
		}
	}
	return errors.Join(errs...)
}
