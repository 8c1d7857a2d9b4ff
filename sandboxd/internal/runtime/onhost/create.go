package onhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/procid"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const (
	socketName = handover.SocketName
	// SocketDir is the directory of a sandbox's that an agent with a kernel of its own makes its socket in. It is there no longer
	// than the agent needs to be ready.
	SocketDir = "sock"
	logName   = "agent.log"
)

// Create implements runtime.Runtime.
func (r *Runtime) Create(ctx context.Context, cfg runtime.Config) (runtime.Instance, error) {
	if err := validate(cfg); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, runtime.CreateTimeout)
	defer cancel()
	defer r.names.lock(cfg.ID)()

	c := &Creation{Config: cfg, r: r, dir: r.path(cfg.ID), pidfd: -1}
	defer c.closeFiles()
	inst, err := c.run(ctx)
	if err != nil {
		c.undo()
		return nil, fmt.Errorf("create sandbox %s: %w", cfg.ID, err)
	}
	return inst, nil
}

func validate(cfg runtime.Config) error {
	switch {
	case !validID.MatchString(cfg.ID):
		return errdefs.InvalidField("id", "%q is not 1 to 64 of [a-z0-9-]", cfg.ID)
	case !validHostname.MatchString(cfg.Hostname): // it also stands in /etc/hosts
		return errdefs.InvalidField("hostname", "%q is not 1 to 64 of [A-Za-z0-9.-]", cfg.Hostname)
	case len(cfg.RootFS.Layers) == 0:
		return errdefs.InvalidField("layers", "there must be one at least")
	case cfg.Limits.MemoryBytes <= 0 || cfg.Limits.CPUMillis <= 0 || cfg.Limits.Pids <= 0 || cfg.Limits.OpenFiles <= 0:
		return errdefs.InvalidField("limits", "all must be positive")
	case cfg.Limits.MemoryBytes < sandbox.MinMemoryBytes:
		// On cgroup v1 our own thread is in the sandbox's cgroup while it forks. Were that too small for the fork, the kernel
		// would look for somebody to kill there, and find us.
		return errdefs.InvalidField("limits", "%d bytes of memory are less than %d MiB", cfg.Limits.MemoryBytes, sandbox.MinMemoryBytes>>20)
	}
	return nil
}

// Creation is a sandbox that is being made: what it has got so far.
type Creation struct {
	// Config is what is to be made.
	Config runtime.Config

	r   *Runtime
	dir string

	firstUID uint32
	made     bool // the directory is ours
	grouped  bool // the cgroup is ours
	files    []*os.File
	setup    *net.UnixConn // our end
	born     []*os.File    // what the agent will have, from descriptor 0 on
	disk     *os.File      // its writable layer, until that is mounted
	root     *os.File      // its root file system, mounted nowhere
	pid      int
	pidfd    int
	onEnd    []func()
}

// Step is a part of making a sandbox. What it has done, undoing the creation can take back, whether it failed half-way or a
// later one did.
type Step struct {
	Name string
	Do   func(context.Context) error
}

func (c *Creation) run(ctx context.Context) (*instance, error) {
	for _, step := range slices.Concat(
		[]Step{
			{"directory", c.makeDir},
			{"room", c.makeRoom},
			{"files", c.openFiles},
		},
		c.r.launch.Steps(c),
		[]Step{
			{"ready", c.waitReady},
		},
		c.afterwards(),
	) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		if err := c.r.spanned(ctx, step.Name, step.Do); err != nil {
			return nil, err
		}
	}
	pidfd := c.pidfd
	c.pidfd = -1 // the instance's from here on
	return c.r.adopt(c.Config.ID, pidfd)
}

// afterwards is what is left to do once the agent is ready.
func (c *Creation) afterwards() []Step {
	if !c.r.apart {
		return nil
	}
	return []Step{{"socket", c.takeSocket}}
}

// AtOnce does steps at the same time, and returns when all of them have ended: the first error.
func (c *Creation) AtOnce(ctx context.Context, steps ...Step) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range steps {
		group.Go(func() error { return c.r.spanned(ctx, s.Name, s.Do) })
	}
	return group.Wait()
}

// OnEnd calls f when the creation has ended, well or not.
func (c *Creation) OnEnd(f func()) { c.onEnd = append(c.onEnd, f) }

// Dir is the sandbox's directory, for what a launcher has to put to disk.
func (c *Creation) Dir() string { return c.dir }

// IDs map the sandbox's user and group ids to the host's.
func (c *Creation) IDs() syscall.SysProcIDMap {
	return syscall.SysProcIDMap{ContainerID: 0, HostID: int(c.firstUID), Size: rangeSize}
}

// Born are the descriptors that the agent must have, from 0 on; see handover. The last is its own binary.
func (c *Creation) Born() []*os.File { return c.born }

// Spawn calls fork so that the process which fork makes is in the sandbox's cgroup from its first instruction on.
func (c *Creation) Spawn(fork func(*syscall.SysProcAttr) error) error {
	return c.r.cgroups.spawn(c.Config.ID, fork)
}

// Started says which process the agent is: it is killed when the creation fails. The descriptor, a pidfd, is the creation's now.
func (c *Creation) Started(pid, pidfd int) { c.pid, c.pidfd = pid, pidfd }

func (c *Creation) makeDir(context.Context) error {
	if err := checkRoom(c.r.dir); err != nil {
		return err
	}
	if err := os.Mkdir(c.dir, 0o700); errors.Is(err, os.ErrExist) {
		return exists(c.Config.ID)
	} else if err != nil {
		return fmt.Errorf("make its directory: %w", err)
	}
	c.made = true
	uid, err := c.r.ranges.take(c.Config.ID)
	if err != nil {
		return err
	}
	c.firstUID = uid
	return (record{FirstUID: uid}).write(c.dir)
}

func exists(id string) error {
	return errdefs.New(errdefs.AlreadyExists, "SANDBOX_EXISTS", "there is something of a sandbox %s on this host already", id)
}

// makeRoom makes what bounds the sandbox.
func (c *Creation) makeRoom(ctx context.Context) error {
	return c.AtOnce(ctx, Step{"cgroup", c.makeCgroup}, Step{"disk", c.makeDisk})
}

func (c *Creation) makeDisk(context.Context) (err error) {
	if c.disk, err = c.r.disks.make(c.dir, int(c.firstUID), c.Config.Limits); err != nil {
		return fmt.Errorf("make its writable layer: %w", err)
	}
	return nil
}

func (c *Creation) makeCgroup(context.Context) error {
	err := c.r.cgroups.create(c.Config.ID, c.r.cgroupLimits(c.Config.Limits))
	if errors.Is(err, os.ErrExist) {
		return exists(c.Config.ID)
	}
	c.grouped = true
	return err
}

// openFiles opens what the agent is born with; see handover.
func (c *Creation) openFiles(context.Context) error {
	null, err := c.keep(os.OpenFile("/dev/null", os.O_RDWR, 0))
	if err != nil {
		return err
	}
	log, err := c.keep(os.OpenFile(filepath.Join(c.dir, logName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600))
	if err != nil {
		return err
	}
	var listener *os.File
	if c.r.apart {
		err = c.makeSocketDir()
	} else {
		listener, err = c.keep(listen(c.dir))
	}
	if err != nil {
		return fmt.Errorf("make the agent's socket: %w", err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("make the setup socket: %w", err)
	}
	theirs, _ := c.keep(os.NewFile(uintptr(pair[1]), "setup"), nil)
	ours := os.NewFile(uintptr(pair[0]), "setup")
	conn, err := net.FileConn(ours)
	_ = ours.Close()
	if err != nil {
		return fmt.Errorf("make the setup socket: %w", err)
	}
	c.setup = conn.(*net.UnixConn)
	enter, leave, err := c.r.cgroups.taskFiles(c.Config.ID)
	if err != nil {
		return fmt.Errorf("open the sandbox's cgroup: %w", err)
	}
	c.files = append(c.files, enter, leave)
	memory, err := c.keep(c.r.cgroups.memoryEvents(c.Config.ID))
	if err != nil {
		return fmt.Errorf("open the sandbox's memory events: %w", err)
	}
	c.born = []*os.File{0: null, 1: null, 2: log, handover.ListenerFD: listener, handover.SetupFD: theirs,
		handover.EnterFD: enter, handover.LeaveFD: leave, handover.MemoryFD: memory, handover.BinaryFD: c.r.agent}
	return nil
}

// keep remembers to close f.
func (c *Creation) keep(f *os.File, err error) (*os.File, error) {
	if err == nil {
		c.files = append(c.files, f)
	}
	return f, err
}

func (c *Creation) closeFiles() {
	for _, f := range c.onEnd {
		f()
	}
	for _, f := range c.files {
		_ = f.Close()
	}
	if c.setup != nil {
		_ = c.setup.Close()
	}
	for _, f := range []*os.File{c.disk, c.root} {
		if f != nil {
			_ = f.Close()
		}
	}
	if c.pidfd >= 0 {
		_ = unix.Close(c.pidfd)
	}
}

// makeSocketDir makes the directory that the agent can make its socket in: the sandbox's root's, and the only directory of the
// host's that its kernel can write to.
func (c *Creation) makeSocketDir() error {
	dir := filepath.Join(c.dir, SocketDir)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return os.Chown(dir, int(c.firstUID), int(c.firstUID))
}

// listen makes the socket that the agent inherits. It stays in the host's file system only: nothing in the sandbox can
// reach it by a path.
func listen(dir string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), socketName)
	err = withSocketPath(dir, func(path string) error {
		if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		return unix.Listen(fd, 1024)
	})
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// WriteRecord notes the agent's process, so that an other sandboxd finds it. It must be there before the gate opens.
func (c *Creation) WriteRecord(context.Context) error {
	process, err := procid.Of(c.pid)
	if err != nil {
		return fmt.Errorf("the agent ended at once%s", c.InItsWords())
	}
	return record{FirstUID: c.firstUID, Process: process}.write(c.dir)
}

// Connect gives the network namespace of process pid, which is to be the sandbox's, its network.
func (c *Creation) Connect(ctx context.Context, pid int) error {
	if c.Config.Connect == nil {
		return nil
	}
	namespace, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/net")
	if err != nil {
		return fmt.Errorf("open the sandbox's network namespace: %w", err)
	}
	defer namespace.Close()
	return c.Config.Connect(ctx, namespace)
}

// MountRoot makes the root file system, seen through the user namespace of process pid: Root. It is attached nowhere.
func (c *Creation) MountRoot(pid int) error {
	userNS, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/user")
	if err != nil {
		return fmt.Errorf("open the sandbox's user namespace: %w", err)
	}
	defer userNS.Close()
	root, err := c.r.mounter.root(c.Config.RootFS.Layers, int(c.disk.Fd()), int(userNS.Fd()))
	if err != nil {
		return err
	}
	c.root = os.NewFile(uintptr(root), "root")
	return nil
}

// Root is what MountRoot made.
func (c *Creation) Root() *os.File { return c.root }

// OpenGate lets the agent begin; with its root, where it is to mount that itself.
func (c *Creation) OpenGate(withRoot bool) error {
	if err := c.r.cgroups.divide(c.Config.ID); err != nil {
		return err
	}
	var rights []byte
	if withRoot {
		rights = unix.UnixRights(int(c.root.Fd()))
	}
	msg := handover.Setup{
		Hostname: c.Config.Hostname, NameServer: c.Config.NameServer,
		Capabilities: uint64(c.Config.Security.Capabilities()), ReadOnlyRoot: c.Config.Security.ReadOnlyRoot, OpenFiles: uint64(c.Config.Limits.OpenFiles),
	}
	if c.r.apart {
		msg.Pids = c.Config.Limits.Pids
	}
	if _, _, err := c.setup.WriteMsgUnix(msg.Encode(), rights, nil); err != nil {
		return fmt.Errorf("tell the agent to begin: %w%s", err, c.InItsWords())
	}
	return c.root.Close() // the sandbox has its own
}

func (c *Creation) waitReady(ctx context.Context) error {
	for _, f := range c.born[:handover.BinaryFD] { // with our copy closed, the agent's end is the socket's
		_ = f.Close()
	}
	defer context.AfterFunc(ctx, func() { _ = c.setup.Close() })()
	msg := make([]byte, handover.MaxMessage)
	n, err := c.setup.Read(msg)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("wait for the agent: %w", context.Cause(ctx))
	case err != nil || n == 0:
		return fmt.Errorf("the agent ended before it was ready%s", c.InItsWords())
	case bytes.HasPrefix(msg[:n], []byte(handover.ImageFault)):
		return errdefs.New(errdefs.FailedPrecondition, "IMAGE_INVALID", "the image can't be the root of a sandbox: %s",
			msg[len(handover.ImageFault):n])
	case string(msg[:n]) != handover.Ready:
		return fmt.Errorf("the agent could not make the sandbox: %q", msg[:n])
	}
	return nil
}

// takeSocket takes the agent's socket out of the directory that it was made in, and the directory away: nobody in the sandbox,
// nor whoever gets the better of its kernel, can put anything in its place.
func (c *Creation) takeSocket(context.Context) error {
	dir := filepath.Join(c.dir, SocketDir)
	socket := filepath.Join(c.dir, socketName)
	if err := os.Rename(filepath.Join(dir, socketName), socket); err != nil {
		return fmt.Errorf("take the agent's socket: %w", err)
	}
	// No program of the sandbox's has run yet; but it is cheap to look.
	info, err := os.Lstat(socket)
	if err == nil && info.Mode().Type() != os.ModeSocket {
		err = errors.New("it is none")
	}
	if err := errors.Join(err, os.Lchown(socket, 0, 0), os.RemoveAll(dir)); err != nil {
		return fmt.Errorf("take the agent's socket: %w", err)
	}
	return nil
}

// InItsWords is what the agent, or who starts it, has written to its standard error, to follow an error; mostly empty.
func (c *Creation) InItsWords() string {
	if w := lastWords(c.dir); w != "" {
		return fmt.Sprintf(": %q", w)
	}
	return ""
}

// undo takes back what was done. It does not depend on the caller's context, which may be why it is needed.
func (c *Creation) undo() {
	ctx, cancel := context.WithTimeout(context.Background(), runtime.CreateTimeout)
	defer cancel()
	if c.pidfd >= 0 {
		_ = unix.PidfdSendSignal(c.pidfd, unix.SIGKILL, nil, 0)
		_ = unix.Waitid(unix.P_PIDFD, c.pidfd, nil, unix.WEXITED, nil) // of one that is no child: removing the cgroup waits for it
	}
	// What can't be removed now shows in List, and is removed by whoever reads that. Until then it keeps its range of ids.
	var left error
	if c.made {
		left = c.r.launch.Forget(ctx, c.Config.ID)
	}
	if c.grouped {
		left = errors.Join(left, c.r.cgroups.remove(ctx, c.Config.ID))
	}
	if c.made {
		left = errors.Join(left, removeTree(c.dir))
	}
	if c.made && left == nil { // one that was there already, under the same name, keeps its range
		c.r.ranges.free(c.Config.ID)
	}
}
