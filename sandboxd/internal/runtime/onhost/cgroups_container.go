package onhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// What is different on cgroup v2 in a container: it has a cgroup namespace, whose root is a cgroup like any other.

// ownCgroupNamespace says whether this process is in an other cgroup namespace than the machine's first.
func ownCgroupNamespace() bool {
	const first = "cgroup:[4026531835]" // PROC_CGROUP_INIT_INO in the kernel's sources
	link, err := os.Readlink("/proc/self/ns/cgroup")
	return err == nil && link != first
}

// mountCgroup2 mounts, attached nowhere, what this process's cgroup namespace has. What is mounted in a container may be
// read-only, or the host's: nobody is allowed to move from inside the namespace to there.
func mountCgroup2() (*os.File, error) {
	fs, err := unix.Fsopen("cgroup2", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("mount the container's cgroups: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, fmt.Errorf("mount the container's cgroups: %w", err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
	if err != nil {
		return nil, fmt.Errorf("mount the container's cgroups: %w", err)
	}
	return os.NewFile(uintptr(fd), "cgroup2"), nil
}

// ShowCgroups mounts the cgroups that sandboxes are in over /sys/fs/cgroup, where an OCI runtime looks for them, in the calling
// thread's mount namespace. It does so where something else may be there: on version 2 in a container.
func ShowCgroups() error {
	mounts, err := cgroupMounts()
	if err != nil {
		return err
	}
	if len(mounts) != 1 || mounts[unified] == "" || !ownCgroupNamespace() {
		return nil
	}
	mount, err := mountCgroup2()
	if err != nil {
		return err
	}
	defer mount.Close()
	if err := unix.MoveMount(int(mount.Fd()), "", unix.AT_FDCWD, "/sys/fs/cgroup", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("mount the container's cgroups: %w", err)
	}
	return nil
}

// enableInRoot enables the controllers in the topmost cgroup. Only the machine's own may have processes besides: those of a
// container's move to one below it, the container's first and this one among them.
func enableInRoot(root string) error {
	var err error
	for range 10 { // more than once, as what is being moved may fork
		if err = enableControllers(root, needed...); !errors.Is(err, unix.EBUSY) {
			return err
		}
		if err := moveProcesses(root, filepath.Join(root, "container")); err != nil {
			return err
		}
	}
	return errdefs.New(errdefs.FailedPrecondition, "CGROUP_BUSY", "the root of sandboxd's cgroup namespace has processes that it does not "+
		"see and can't move, those of another container perhaps; give its container a cgroup namespace of its own").WithCause(err)
}

func moveProcesses(from, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a cgroup for the container's processes: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(from, "cgroup.procs"))
	if err != nil {
		return fmt.Errorf("list the container's processes: %w", err)
	}
	for _, f := range strings.Fields(string(b)) {
		pid, err := strconv.Atoi(f)
		if err != nil || pid == 0 {
			continue // 0 is a process of another pid namespace, and to move would mean ourselves
		}
		err = writeFiles(to, [2]string{"cgroup.procs", strconv.Itoa(pid)})
		if err != nil && !errors.Is(err, unix.ESRCH) { // it has ended
			return fmt.Errorf("move process %d out of the container's topmost cgroup: %w", pid, err)
		}
	}
	return nil
}
