package onhost

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// cgroups keeps a cgroup per sandbox. There are two kinds, for the two versions; a hybrid machine, which has the
// controllers we need in v1 hierarchies, is a v1 machine.
//
// A sandbox's cgroup has one below it, `work`, with the limit on processes: the agent stays outside of it. See the agent's
// spawner.
type cgroups interface {
	// create makes the cgroup with its limits.
	create(id string, l limits) error
	// spawn calls fork so that the process which fork makes is in the cgroup from its first instruction on.
	spawn(id string, fork func(*syscall.SysProcAttr) error) error
	// divide lets threads of one process be in the cgroup and in work. Until then an OCI runtime finds nothing in the cgroup that it
	// does not know.
	divide(id string) error
	// taskFiles opens the files that move a thread which writes "0" into work, and back.
	taskFiles(id string) (enter, leave *os.File, err error)
	// memoryEvents opens the file that counts, on a line "oom_kill <n>", what the kernel killed for want of memory.
	memoryEvents(id string) (*os.File, error)
	// oomKilled says whether the kernel killed one of its processes for want of memory.
	oomKilled(id string) bool
	// list returns the ids of all cgroups there are.
	list() ([]string, error)
	// remove kills what still runs in the cgroup and removes it. Of one that is not there it does nothing.
	remove(ctx context.Context, id string) error
	// close removes the parent cgroup, unless sandboxes go on in it.
	close()
}

// limits are those of a sandbox's cgroup.
type limits struct {
	runtime.Limits
	// all bounds everything in the cgroup, processes and threads, where what runs a sandbox is not to be trusted with that; 0:
	// nothing does, beyond work's limit.
	all int64
}

// cgroupLimits says what a sandbox's cgroup may have, so that the sandbox has l.
func (r *Runtime) cgroupLimits(l runtime.Limits) limits {
	l.MemoryBytes += r.extra
	if !r.apart {
		return limits{Limits: l}
	}
	return limits{Limits: l, all: hostPids(l.Pids)}
}

// hostPids is more processes and threads than a kernel of its own has on the host for a sandbox of so many.
func hostPids(inside int64) int64 { return 512 + 4*inside }

// workCgroup is the name of the cgroup below a sandbox's own.
const workCgroup = "work"

// needed are the controllers that enforce runtime.Limits.
var needed = []string{"cpu", "memory", "pids"}

// openCgroups finds out which kind this machine has, and makes the parent cgroup.
func openCgroups(parent string) (cgroups, error) {
	mounts, err := cgroupMounts()
	if err != nil {
		return nil, err
	}
	var v1 []string
	for _, c := range needed {
		if mounts[c] != "" {
			v1 = append(v1, c)
		}
	}
	switch {
	case len(v1) == len(needed):
		g, err := openCgroupsV1(parent, mounts)
		if err != nil {
			return nil, err // and not g: a nil pointer in an interface is not nil
		}
		return g, nil
	case len(v1) == 0 && mounts[unified] != "":
		g, err := openCgroupsV2(parent, mounts[unified])
		if err != nil {
			return nil, err
		}
		return g, nil
	}
	return nil, errdefs.New(errdefs.FailedPrecondition, "CGROUPS_MISSING",
		"the cgroup controllers %s are needed, all in version 1 or all in version 2; mounted in version 1 are %v, version 2 is at %q",
		strings.Join(needed, ", "), v1, mounts[unified])
}

// unified is the key of the cgroup2 mount.
const unified = ""

// cgroupMounts returns the mount point of each v1 controller, and that of cgroup2, from lines such as
//
//	36 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
func cgroupMounts() (map[string]string, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("find the cgroup mounts: %w", err)
	}
	mounts := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		mount, fs, ok := strings.Cut(s.Text(), " - ")
		m, f := strings.Fields(mount), strings.Fields(fs)
		if !ok || len(m) < 6 || len(f) < 3 {
			continue
		}
		switch f[0] {
		case "cgroup2":
			mounts[unified] = m[4]
		case "cgroup":
			for _, o := range strings.Split(f[2], ",") {
				if slices.Contains(needed, o) {
					mounts[o] = m[4]
				}
			}
		}
	}
	return mounts, nil
}

// OtherCgroups returns where the cgroup path is, or would be, in the hierarchies that no cgroup of ours is in: an OCI runtime
// makes one in each.
func OtherCgroups(path string) ([]string, error) {
	mounts, err := cgroupMounts()
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, c := range needed {
		ours[mounts[c]] = true
	}
	if len(ours) == 1 { // version 2 alone
		ours[mounts[unified]] = true
	}
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("find the cgroup mounts: %w", err)
	}
	var others []string
	for line := range strings.Lines(string(b)) {
		mount, fs, _ := strings.Cut(line, " - ")
		m := strings.Fields(mount)
		if strings.HasPrefix(fs, "cgroup") && len(m) > 4 && !ours[m[4]] {
			others = append(others, filepath.Join(m[4], path))
		}
	}
	return others, nil
}

// pidsMax is what to write to limit processes and threads; 0: nothing.
func pidsMax(n int64) [][2]string {
	if n == 0 {
		return nil
	}
	return [][2]string{{"pids.max", strconv.FormatInt(n, 10)}}
}

// writeFiles writes values to files of a cgroup. A name that begins with "?" is one that not every kernel has.
func writeFiles(dir string, files ...[2]string) error {
	for _, f := range files {
		name, optional := strings.CutPrefix(f[0], "?")
		err := os.WriteFile(filepath.Join(dir, name), []byte(f[1]), 0)
		if err != nil && !(optional && errors.Is(err, os.ErrNotExist)) {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	return nil
}

func openTasks(dir, name string) (enter, leave *os.File, err error) {
	enter, err = os.OpenFile(filepath.Join(dir, workCgroup, name), os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	leave, err = os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
	if err != nil {
		_ = enter.Close()
		return nil, nil, err
	}
	return enter, leave, nil
}

// counter reads a number from a file of "name number" lines; 0 when it is not there.
func counter(file, name string) int {
	b, _ := os.ReadFile(file)
	for _, l := range strings.Split(string(b), "\n") {
		if n, v, _ := strings.Cut(l, " "); n == name {
			i, _ := strconv.Atoi(v)
			return i
		}
	}
	return 0
}

// children returns the names of the cgroups below dir.
func children(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list cgroups: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// removeCgroup removes dir and its work, killing what runs in them. A process that was killed stays in its cgroup for a
// moment longer than it runs, so that takes a few tries.
func removeCgroup(ctx context.Context, dir string) error {
	for wait := 100 * time.Microsecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := unix.Rmdir(filepath.Join(dir, workCgroup))
		if err == nil || err == unix.ENOENT {
			err = unix.Rmdir(dir)
		}
		switch err {
		case nil, unix.ENOENT:
			return nil
		case unix.EBUSY:
			killProcs(dir)
		default:
			return fmt.Errorf("remove cgroup %s: %w", dir, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("remove cgroup %s: %w", dir, context.Cause(ctx))
		case <-time.After(wait):
		}
	}
}

func killProcs(dir string) {
	for _, d := range []string{dir, filepath.Join(dir, workCgroup)} {
		b, _ := os.ReadFile(filepath.Join(d, "cgroup.procs"))
		for _, f := range strings.Fields(string(b)) {
			// 0 is a process of another pid namespace, and to kill would mean ourselves.
			if pid, err := strconv.Atoi(f); err == nil && pid > 1 {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
	}
}
