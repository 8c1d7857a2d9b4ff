package onhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// cgroupsV2 has one directory for everything. A sandbox's cgroup is a "domain threaded" one and work below it a threaded
// one: so threads of one process, the agent, may be in both. They are that from divide on, when the agent is there already: runc
// makes no container in a cgroup with a threaded one below it.
type cgroupsV2 struct {
	mount  *os.File // nil, or a mount of our own that parent is in
	parent string
}

func openCgroupsV2(parent, mount string) (_ *cgroupsV2, err error) {
	g := &cgroupsV2{}
	defer func() {
		if err != nil {
			g.closeMount()
		}
	}()
	if ownCgroupNamespace() {
		if g.mount, err = mountCgroup2(); err != nil {
			return nil, err
		}
		mount = "/proc/self/fd/" + strconv.Itoa(int(g.mount.Fd()))
	}
	b, err := os.ReadFile(filepath.Join(mount, "cgroup.controllers"))
	if err != nil {
		return nil, fmt.Errorf("find the cgroup controllers: %w", err)
	}
	have := strings.Fields(string(b))
	for _, c := range needed {
		if !slices.Contains(have, c) {
			return nil, errdefs.New(errdefs.FailedPrecondition, "CGROUPS_MISSING", "there is no cgroup controller %q, only %v: "+
				"either the kernel has it off (cgroup_disable= in /proc/cmdline), or what runs this container does not pass it on", c, have)
		}
	}
	// Each level has to pass the controllers on to the next.
	if err := enableInRoot(mount); err != nil {
		return nil, err
	}
	g.parent = filepath.Join(mount, parent)
	if err := os.Mkdir(g.parent, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("make the parent cgroup: %w", err)
	}
	if err := enableControllers(g.parent, needed...); err != nil {
		return nil, err
	}
	return g, nil
}

func enableControllers(dir string, controllers ...string) error {
	err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+strings.Join(controllers, " +")), 0)
	if err != nil {
		return fmt.Errorf("enable cgroup controllers below %s: %w", dir, err)
	}
	return nil
}

func (g *cgroupsV2) close() {
	_ = os.Remove(g.parent) // which the kernel refuses while there is a cgroup in it
	g.closeMount()
}

func (g *cgroupsV2) closeMount() {
	if g.mount != nil {
		_ = g.mount.Close()
	}
}

func (g *cgroupsV2) dir(id string) string { return filepath.Join(g.parent, id) }

func (g *cgroupsV2) create(id string, l limits) error {
	dir := g.dir(id)
	work := filepath.Join(dir, workCgroup)
	for _, d := range []string{dir, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return fmt.Errorf("make the sandbox's cgroup: %w", err)
		}
	}
	if err := enableControllers(dir, "pids"); err != nil {
		return err
	}
	return errors.Join(
		writeFiles(dir, pidsMax(l.all)...),
		writeFiles(dir, [2]string{"memory.max", strconv.FormatInt(l.MemoryBytes, 10)}, [2]string{"?memory.swap.max", "0"},
			[2]string{"cpu.max", fmt.Sprintf("%d %d", cpuQuota(l.CPUMillis), cpuPeriod)}),
		writeFiles(work, [2]string{"pids.max", strconv.FormatInt(l.Pids, 10)}),
	)
}

// spawn has the kernel put the child there as it makes it.
func (g *cgroupsV2) spawn(id string, fork func(*syscall.SysProcAttr) error) error {
	fd, err := unix.Open(g.dir(id), unix.O_DIRECTORY|unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("enter the sandbox's cgroup: %w", err)
	}
	defer unix.Close(fd)
	return fork(&syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: fd})
}

func (g *cgroupsV2) divide(id string) error {
	return writeFiles(filepath.Join(g.dir(id), workCgroup), [2]string{"cgroup.type", "threaded"})
}

func (g *cgroupsV2) taskFiles(id string) (enter, leave *os.File, err error) {
	return openTasks(g.dir(id), "cgroup.threads")
}

func (g *cgroupsV2) memoryEvents(id string) (*os.File, error) { return os.Open(g.memoryEventsFile(id)) }

func (g *cgroupsV2) oomKilled(id string) bool { return counter(g.memoryEventsFile(id), "oom_kill") > 0 }

func (g *cgroupsV2) memoryEventsFile(id string) string {
	return filepath.Join(g.dir(id), "memory.events")
}

func (g *cgroupsV2) list() ([]string, error) { return children(g.parent) }

func (g *cgroupsV2) remove(ctx context.Context, id string) error {
	return removeCgroup(ctx, g.dir(id))
}
