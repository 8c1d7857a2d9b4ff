// Package onhost is what the runtimes of this host share: directories, cgroups, user ids, root file systems, and the way from
// a configuration to an agent that is ready. How the agent is started is a Launcher's part: see the packages native and oci.
//
// It leaves no mount in the host's mount namespace and no process but the agent, which goes on when sandboxd does not. What
// there is of a sandbox on the host:
//
//	<StateDir>/<runtime>/<id>/   mode 0700, root's
//	    record.json              what an other sandboxd needs to find it again: see record
//	    agent.sock               where the agent listens
//	    agent.log                the agent's standard error: empty unless it crashed
//	    disk.img                 the writable layer, a file system; fs/ where its size is not bounded
//	<cgroup>/<CgroupParent>/<id>      in each hierarchy that limits something
//
// Steps that may fail half-way: see create.go. What a sandbox may do: see the agent's boot package.
package onhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// Config says where things are.
type Config struct {
	// Name is the runtime's.
	Name string
	// StateDir holds the sandboxes' directories, below one of the runtime's name. One process may use that at a time. Its file
	// system and the images' must know idmapped mounts: ext4, xfs, btrfs, and tmpfs from Linux 6.3 on.
	StateDir string
	// AgentPath is the sandbox-agent binary. It is read once.
	AgentPath string
	// CgroupParent is the name of the cgroup that the sandboxes' cgroups are made in. It is directly below the root; on v2 in
	// a container, below the root of the container's cgroup namespace. Two runtimes, or processes, must not share one.
	CgroupParent string
	// Ranges are the user ids that sandboxes get; all runtimes of a host share them.
	Ranges *Ranges
	// DiskLimits: see there; empty: DiskLoop.
	DiskLimits DiskLimits
	// Rootless says that this process is root of a user namespace only, and no more than an ordinary user of the host: there are
	// no cgroups, and image layers are owned by Ranges, of which there is one, since their owners can't be mapped.
	Rootless bool
	// Launcher starts the agents.
	Launcher Launcher
	// OwnKernel: the sandboxes have a kernel of their own, so no descriptor of a listening socket or a cgroup means anything to
	// the agent. It makes its socket in the directory `sock` of the sandbox's, and limits the sandbox's processes itself; the
	// host's limit on them is a wide one, in case that kernel is not the sandbox's friend.
	OwnKernel bool
	// Overhead is memory in bytes that a sandbox's cgroup may have beyond the sandbox's limit: for what runs the sandbox.
	Overhead int64
}

// Launcher is what is different between runtimes. All methods may be called concurrently, Start and Forget of one sandbox
// may not.
type Launcher interface {
	// Check says what this host lacks for it, and the remedy.
	Check(ctx context.Context) error
	// Steps start an agent, which a creation has prepared everything for, and take it through its gate. When one fails, the
	// creation kills the agent, if it knows it (Creation.Started), and calls Forget.
	Steps(c *Creation) []Step
	// Forget removes what the launcher has left of a sandbox none of whose processes are known to run: it kills what does. Of one
	// that is not there it does nothing.
	Forget(ctx context.Context, id string) error
	// Close lets go of what the launcher holds.
	Close() error
}

// Runtime is a runtime on this host.
type Runtime struct {
	name    string
	dir     string
	launch  Launcher
	apart   bool  // Config.OwnKernel
	extra   int64 // Config.Overhead
	lock    *os.File
	agent   *os.File // the binary, in sealed memory
	cgroups cgroups
	mounter *mounter
	disks   disks
	ranges  *Ranges
	names   nameLocks

	mu        sync.Mutex
	instances map[string]*instance // running ones
}

var _ runtime.Runtime = (*Runtime)(nil)

// New prepares a runtime. It must be root. Check says in more words whether sandboxes can be made.
func New(cfg Config) (_ *Runtime, err error) {
	if os.Geteuid() != 0 {
		return nil, errdefs.New(errdefs.FailedPrecondition, "RUNTIME_NEEDS_ROOT", "the %s runtime must be run as root", cfg.Name)
	}
	r := &Runtime{
		name: cfg.Name, dir: filepath.Join(cfg.StateDir, cfg.Name), launch: cfg.Launcher, apart: cfg.OwnKernel, extra: cfg.Overhead, ranges: cfg.Ranges, instances: map[string]*instance{},
	}
	defer func() {
		if err != nil {
			_ = r.Close()
		}
	}()
	if r.dir, err = filepath.Abs(r.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of runtime %s: %w", r.name, err)
	}
	if r.lock, err = lockDir(r.dir); err != nil {
		return nil, err
	}
	if r.agent, err = sealBinary(cfg.AgentPath); err != nil {
		return nil, fmt.Errorf("load the agent: %w", err)
	}
	if cfg.Rootless {
		r.cgroups = noCgroups{}
	} else if r.cgroups, err = openCgroups(cfg.CgroupParent); err != nil {
		return nil, err
	}
	if r.disks, err = openDisks(cfg.DiskLimits); err != nil {
		return nil, err
	}
	if r.mounter, err = newMounter(r.dir, cfg.Rootless); err != nil {
		return nil, err
	}
	ids, err := r.directories()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if rec, err := readRecord(filepath.Join(r.dir, id)); err == nil {
			r.ranges.taken(rec.FirstUID, id)
		}
	}
	return r, nil
}

// Close lets go of the runtime; its sandboxes go on, for a later Load.
func (r *Runtime) Close() error {
	if r.mounter != nil {
		r.mounter.close()
	}
	if r.cgroups != nil {
		r.cgroups.close()
	}
	if r.disks != nil {
		r.disks.close()
	}
	err := r.launch.Close()
	if r.lock != nil { // a fork that has not come to its exec holds the file too
		_ = unix.Flock(int(r.lock.Fd()), unix.LOCK_UN)
	}
	for _, f := range []*os.File{r.agent, r.lock} {
		if f != nil {
			_ = f.Close()
		}
	}
	return err
}

// Name implements runtime.Runtime.
func (r *Runtime) Name() string { return r.name }

// Needs implements runtime.Runtime: sandboxes are made of what this host has.
func (*Runtime) Needs() runtime.Needs { return runtime.Needs{Layers: true, Link: true} }

var (
	validID       = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	validHostname = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)
)

func (r *Runtime) path(id string) string { return filepath.Join(r.dir, id) }

// Load implements runtime.Runtime.
func (r *Runtime) Load(_ context.Context, id string) (runtime.Instance, error) {
	if !validID.MatchString(id) {
		return nil, notFound(id)
	}
	defer r.names.lock(id)()
	inst, err := r.find(id)
	if err != nil {
		return nil, err
	}
	return inst, nil
}

// find returns a running sandbox. The name's lock is held.
func (r *Runtime) find(id string) (*instance, error) {
	r.mu.Lock()
	inst := r.instances[id]
	r.mu.Unlock()
	if inst != nil {
		return inst, nil
	}
	rec, err := readRecord(r.path(id))
	if err != nil {
		return nil, notFound(id).WithCause(err)
	}
	pidfd, err := rec.Open()
	if err != nil {
		return nil, notFound(id).WithCause(err)
	}
	return r.adopt(id, pidfd)
}

func notFound(id string) *errdefs.Error {
	return errdefs.New(errdefs.NotFound, "SANDBOX_NOT_FOUND", "no agent of a sandbox %q runs on this host", id)
}

// List implements runtime.Runtime.
func (r *Runtime) List(context.Context) ([]string, error) {
	ids, err := r.directories()
	if err != nil {
		return nil, err
	}
	more, err := r.cgroups.list()
	if err != nil {
		return nil, err
	}
	for _, id := range more {
		if validID.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func (r *Runtime) directories() ([]string, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, fmt.Errorf("list sandboxes: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if validID.MatchString(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// Remove implements runtime.Runtime.
func (r *Runtime) Remove(ctx context.Context, id string) error {
	if !validID.MatchString(id) {
		return nil // nothing of that name was ever made
	}
	defer r.names.lock(id)()
	inst, err := r.find(id)
	if err != nil && errdefs.KindOf(err) != errdefs.NotFound {
		return err
	}
	if inst != nil {
		if err := inst.kill(ctx); err != nil {
			return fmt.Errorf("remove sandbox %s: %w", id, err)
		}
	}
	faultpoint.Reach(r.name, "killed")
	// Everything is tried, so that as little as possible is left.
	err = errors.Join(r.launch.Forget(ctx, id), r.cgroups.remove(ctx, id))
	faultpoint.Reach(r.name, "cgroup removed")
	if err := errors.Join(err, removeTree(r.path(id))); err != nil {
		return fmt.Errorf("remove sandbox %s: %w", id, err)
	}
	r.ranges.free(id)
	return nil
}

func removeTree(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove its files: %w", err)
	}
	return nil
}
