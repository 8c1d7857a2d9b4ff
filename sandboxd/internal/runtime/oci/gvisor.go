package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
)

// gvisor has gVisor's runsc start the agent: its system calls, and those of all that it starts, go to gVisor's own kernel, the
// sentry, and not to the host's.
//
// A sandbox is two processes on the host, both in its cgroup. The sentry runs as nobody, without capabilities, in namespaces of
// its own with nothing in them but the network. The gofer opens the image's files for it, as the root of the sandbox's range of
// user ids. What programs write goes to a file without a name; none of it becomes a file of the host's.
//
// runsc has ended when the sandbox runs, and is never asked again: a sandbox is ended by killing its processes. What it would
// need for more, its bundle, state and control socket, is on a tmpfs in a mount namespace of the sandbox's and goes with that.
type gvisor struct{ binary string }

func newGVisor(cfg Config) (*onhost.Runtime, error) {
	g := gvisor{binary: cfg.Binary}
	if g.binary == "" {
		g.binary = Runsc
	}
	return onhost.New(onhost.Config{
		Name: cfg.Name, StateDir: cfg.StateDir, AgentPath: cfg.AgentPath, CgroupParent: cfg.CgroupParent, Ranges: cfg.Ranges,
		DiskLimits: cfg.DiskLimits, Launcher: g, OwnKernel: true, Overhead: gvisorOverhead,
	})
}

// gvisorOverhead is memory for sentry and gofer, and for the sandbox's agent and what the sentry knows of each of its processes.
const gvisorOverhead = 96 << 20

// Check implements onhost.Launcher. That systrap works, onhost finds out: it makes a sandbox.
func (g gvisor) Check(ctx context.Context) error {
	path, err := exec.LookPath(g.binary)
	if err != nil {
		return fmt.Errorf("%w; `make runsc` builds it, and runtime_paths names one elsewhere", err)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", path, err)
	}
	if first, _, _ := strings.Cut(string(out), "\n"); !strings.HasPrefix(first, "runsc version ") {
		return fmt.Errorf("%s is not gVisor's: it says %q", path, first)
	}
	return nil
}

// Steps implements onhost.Launcher.
func (g gvisor) Steps(c *onhost.Creation) []onhost.Step {
	var h *holder
	return []onhost.Step{
		{Name: "namespaces", Do: func(ctx context.Context) (err error) { h, err = hold(ctx, c); return err }},
		// runsc takes over the addresses and routes that it finds in the namespace: they must be there.
		{Name: "furnish", Do: func(ctx context.Context) error {
			return c.AtOnce(ctx,
				onhost.Step{Name: "network", Do: func(ctx context.Context) error { return c.Connect(ctx, h.pid) }},
				onhost.Step{Name: "root", Do: func(context.Context) error { return c.MountRoot(h.pid) }},
			)
		}},
		{Name: "container", Do: func(ctx context.Context) error { return g.start(ctx, c, h.pid) }},
		{Name: "record", Do: c.WriteRecord},
		{Name: "gate", Do: func(context.Context) error { return c.OpenGate(false) }},
	}
}

// Forget implements onhost.Launcher: the processes are in the sandbox's cgroup, and everything else goes with them.
func (gvisor) Forget(context.Context, string) error { return nil }

// Close implements onhost.Launcher.
func (gvisor) Close() error { return nil }

// place is where runsc finds everything, in a mount namespace of the sandbox's: a tmpfs that the gofer can get to, who is nobody
// on the host and so can't get into the sandbox's own directory.
const place = "/dev/shm"

// Beneath place.
const (
	bundleDir  = place + "/bundle"
	stateDir   = place + "/state"
	rootDir    = place + "/root"
	socketDir  = place + "/socket"
	pidFile    = place + "/pid"
	memoryFile = place + "/meminfo"
)

// start has runsc make the container. When it returns, the agent waits at its gate.
func (g gvisor) start(ctx context.Context, c *onhost.Creation, holder int) error {
	path, err := exec.LookPath(g.binary)
	if err != nil {
		return err
	}
	binary, err := os.Open(path)
	if err != nil {
		return err
	}
	defer binary.Close()
	agent, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", c.Born()[handover.BinaryFD].Fd())) // the sentry wants it for reading only
	if err != nil {
		return err
	}
	defer agent.Close()
	spec, err := json.Marshal(gvisorSpec(c.Config, c.IDs(), holder))
	if err != nil {
		return err
	}
	var sentry int
	err = onhost.InMountNamespace(func() error {
		if err := furnish(c, spec); err != nil {
			return err
		}
		if err := g.run(ctx, c, binary, agent); err != nil {
			return fmt.Errorf("runsc run: %w%s", err, c.InItsWords())
		}
		sentry, err = readPid(pidFile)
		return err
	})
	if err != nil {
		return err
	}
	// The gofer ends when the sentry does.
	return started(c, sentry)
}

// furnish makes place what runsc expects. The calling thread's mount namespace is its own.
func furnish(c *onhost.Creation, spec []byte) error {
	// Taken hold of before the tmpfs covers what leads there.
	held := map[string]int{rootDir: int(c.Root().Fd())}
	socket, err := unix.OpenTree(unix.AT_FDCWD, filepath.Join(c.Dir(), onhost.SocketDir), unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return fmt.Errorf("take hold of the sandbox's %s: %w", onhost.SocketDir, err)
	}
	defer unix.Close(socket)
	held[socketDir] = socket
	if err := unix.Mount("tmpfs", place, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0711,size=1m"); err != nil {
		return fmt.Errorf("mount %s: %w", place, err)
	}
	for target, fd := range held {
		if err := os.Mkdir(target, 0o700); err != nil {
			return err
		}
		if err := unix.MoveMount(fd, "", unix.AT_FDCWD, target, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return fmt.Errorf("mount %s: %w", target, err)
		}
	}
	if err := checkRoot(rootDir); err != nil {
		return err
	}
	// The machine's memory, as runsc tells the sentry: the sandbox's. So programs see what they have, and of a file system in
	// memory, which takes half at most, some is left.
	if err := os.WriteFile(memoryFile, fmt.Appendf(nil, "MemTotal: %d kB\n", c.Config.Limits.MemoryBytes>>10), 0o600); err != nil {
		return err
	}
	if err := unix.Mount(memoryFile, "/proc/meminfo", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount /proc/meminfo: %w", err)
	}
	for _, dir := range []string{bundleDir, stateDir} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(bundleDir, "config.json"), spec, 0o600)
}

// slack of a disk, in bytes: its directories count, which on a disk proper they don't.
const slack = 64 << 10

// The descriptors that runsc is started with, after standard input, output and error.
const (
	runscSetupFD = 3 + iota
	runscAgentFD
	runscBinaryFD
)

// run runs runsc, in the sandbox's cgroup, to its end.
func (g gvisor) run(ctx context.Context, c *onhost.Creation, binary, agent *os.File) error {
	network := "none"
	if c.Config.Connect != nil {
		network = "sandbox"
	}
	// What is written goes to a file without a name, on the file system of the root: that of the sandbox's disk.
	overlay := "--overlay2=root:dir=" + rootDir
	if size := c.Config.Limits.DiskBytes; size > 0 {
		overlay += fmt.Sprintf(",size=%d", size+slack)
	}
	args := []string{
		Runsc, "--root=" + stateDir,
		"--platform=systrap", "--network=" + network,
		// The sentry gets no rights to files: the gofer opens them. And of the host's sockets it may only make new ones, in the
		// one directory of the host's that can be written to.
		"--directfs=false", "--host-uds=create",
		overlay,
		"--ignore-cgroups", "--in-sandbox-cgroup=v2", "--net-raw", "--gofer-network-namespace=new",
		"run", "-detach", "-bundle=" + bundleDir, "-pid-file=" + pidFile,
		fmt.Sprintf("-pass-fd=%d:%d", runscSetupFD, handover.SetupFD), fmt.Sprintf("-exec-fd=%d", runscAgentFD),
		c.Config.ID,
	}
	born := c.Born()
	files := []*os.File{born[0], born[1], born[2], runscSetupFD: born[handover.SetupFD], runscAgentFD: agent, runscBinaryFD: binary}
	var runsc *os.Process
	err := c.Spawn(func(attr *syscall.SysProcAttr) (err error) {
		attr.Setsid = true
		runsc, err = os.StartProcess(fmt.Sprintf("/proc/self/fd/%d", runscBinaryFD), args,
			&os.ProcAttr{Dir: "/", Env: []string{"PATH=" + os.Getenv("PATH")}, Files: files, Sys: attr})
		return err
	})
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = runsc.Kill() })()
	state, err := runsc.Wait()
	if err != nil {
		return err
	}
	if !state.Success() {
		return errors.New(state.String())
	}
	return nil
}
