package onhost

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// cgroupsV1 has one directory per controller; controllers that are mounted together share it.
type cgroupsV1 struct {
	parents map[string]string // by controller
	dirs    []string          // the parents, each once
	own     []string          // the cgroups that this process itself is in, in the order of dirs
}

func openCgroupsV1(parent string, mounts map[string]string) (*cgroupsV1, error) {
	own, err := ownCgroups()
	if err != nil {
		return nil, err
	}
	g := &cgroupsV1{parents: map[string]string{}}
	seen := map[string]bool{}
	for _, c := range needed {
		dir := filepath.Join(mounts[c], parent)
		g.parents[c] = dir
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("make the parent cgroup: %w", err)
		}
		g.dirs = append(g.dirs, dir)
		home := filepath.Join(mounts[c], own[c])
		if _, err := os.Stat(home); err != nil {
			home = mounts[c] // seen from a container, ours is the root of what is mounted
		}
		g.own = append(g.own, home)
	}
	return g, nil
}

func (g *cgroupsV1) close() {
	for _, dir := range g.dirs {
		_ = os.Remove(dir) // which the kernel refuses while there is a cgroup in it
	}
}

// ownCgroups returns this process's cgroup by controller, from lines such as "4:memory:/system.slice".
func ownCgroups() (map[string]string, error) {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, fmt.Errorf("find our own cgroup: %w", err)
	}
	own := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		if f := strings.SplitN(s.Text(), ":", 3); len(f) == 3 {
			for _, c := range strings.Split(f[1], ",") {
				own[c] = f[2]
			}
		}
	}
	return own, nil
}

func (g *cgroupsV1) dir(controller, id string) string {
	return filepath.Join(g.parents[controller], id)
}

func (g *cgroupsV1) create(id string, l limits) error {
	for _, d := range g.dirs {
		if err := os.Mkdir(filepath.Join(d, id), 0o755); err != nil {
			return fmt.Errorf("make the sandbox's cgroup: %w", err)
		}
	}
	work := filepath.Join(g.dir("pids", id), workCgroup)
	if err := os.Mkdir(work, 0o755); err != nil {
		return fmt.Errorf("make the sandbox's cgroup: %w", err)
	}
	memory := strconv.FormatInt(l.MemoryBytes, 10)
	return errors.Join(
		writeFiles(g.dir("pids", id), pidsMax(l.all)...),
		writeFiles(g.dir("memory", id), [2]string{"memory.limit_in_bytes", memory},
			[2]string{"?memory.memsw.limit_in_bytes", memory}, [2]string{"?memory.swappiness", "0"},
			// What is in the buffers of sockets, UDP's too, is counted for itself here, and only where there is a limit.
			[2]string{"?memory.kmem.tcp.limit_in_bytes", memory}),
		writeFiles(work, [2]string{"pids.max", strconv.FormatInt(l.Pids, 10)}),
		writeFiles(g.dir("cpu", id), [2]string{"cpu.cfs_period_us", strconv.Itoa(cpuPeriod)},
			[2]string{"cpu.cfs_quota_us", strconv.FormatInt(cpuQuota(l.CPUMillis), 10)}),
	)
}

// cpuPeriod is in microseconds; cpuQuota the share of it, of which the kernel wants at least a millisecond.
const cpuPeriod = 100_000

func cpuQuota(millis int64) int64 { return max(millis*cpuPeriod/1000, 1000) }

// spawn moves the calling thread, and only it, to the sandbox's cgroups, where its child is born, and back. To move the
// child once it is there would wait for a kernel-wide lock, several milliseconds on a busy machine; to move oneself does
// not.
func (g *cgroupsV1) spawn(id string, fork func(*syscall.SysProcAttr) error) (err error) {
	goruntime.LockOSThread()
	moved := 0
	defer func() {
		for i := range moved {
			if e := moveThread(g.own[i]); e != nil {
				// The thread stays locked, so it ends with this goroutine and does nobody else's work in the wrong cgroup.
				err = errors.Join(err, fmt.Errorf("leave the sandbox's cgroup: %w", e))
				return
			}
		}
		goruntime.UnlockOSThread()
	}()
	for _, d := range g.dirs {
		if err := moveThread(filepath.Join(d, id)); err != nil {
			return fmt.Errorf("enter the sandbox's cgroup: %w", err)
		}
		moved++
	}
	return fork(&syscall.SysProcAttr{})
}

func moveThread(dir string) error {
	fd, err := unix.Open(filepath.Join(dir, "tasks"), unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte{'0'})
	return err
}

// divide has nothing to do: threads are what cgroups of version 1 have.
func (g *cgroupsV1) divide(string) error { return nil }

func (g *cgroupsV1) taskFiles(id string) (enter, leave *os.File, err error) {
	return openTasks(g.dir("pids", id), "tasks")
}

func (g *cgroupsV1) memoryEvents(id string) (*os.File, error) { return os.Open(g.memoryEventsFile(id)) }

func (g *cgroupsV1) oomKilled(id string) bool { return counter(g.memoryEventsFile(id), "oom_kill") > 0 }

func (g *cgroupsV1) memoryEventsFile(id string) string {
	return filepath.Join(g.dir("memory", id), "memory.oom_control")
}

func (g *cgroupsV1) list() ([]string, error) {
	var ids []string
	for _, d := range g.dirs {
		names, err := children(d)
		if err != nil {
			return nil, err
		}
		ids = append(ids, names...)
	}
	return ids, nil
}

func (g *cgroupsV1) remove(ctx context.Context, id string) error {
	var errs []error
	for _, d := range g.dirs {
		errs = append(errs, removeCgroup(ctx, filepath.Join(d, id)))
	}
	return errors.Join(errs...)
}
