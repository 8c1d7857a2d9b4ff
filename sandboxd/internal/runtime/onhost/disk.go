package onhost

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// DiskLimits say how the sizes of sandboxes' writable layers are bounded.
type DiskLimits string

const (
	// DiskLoop makes each layer a file system of its own, in a file that takes of the host's disk what is in it.
	DiskLoop DiskLimits = "loop"
	// DiskOff bounds none. Limits.DiskBytes and Limits.Inodes must be 0.
	DiskOff DiskLimits = "off"
)

// disks makes writable layers. It may be called concurrently.
type disks interface {
	// make makes a layer in dir, a sandbox's directory, and returns a mount of it that is attached nowhere: in it are the
	// directories upper and work, on one file system, owned by uid. The layer lives as long as something has it mounted, and
	// dir is there. What a failed make has left is removed with dir.
	//
	// Errors: InvalidArgument for limits that are not bounded, or 0 where they are.
	make(dir string, uid int, l runtime.Limits) (mount *os.File, err error)
	// bounded says whether layers are.
	bounded() bool
	// close lets go of what is held for making more.
	close()
}

// openDisks finds out whether there is what the limits take; FailedPrecondition DISK_LIMITS_UNAVAILABLE, with the remedy, when
// there is not.
func openDisks(limits DiskLimits) (disks, error) {
	switch limits {
	case DiskLoop, "":
		d, err := openLoopDisks()
		if err != nil {
			return nil, errdefs.New(errdefs.FailedPrecondition, "DISK_LIMITS_UNAVAILABLE", "what sandboxes write can't be bounded here: %v; "+
				"`disk_limits: off` does without, and then one sandbox can fill the disk of state_dir", err).WithCause(err)
		}
		return d, nil
	case DiskOff:
		return unboundedDisks{}, nil
	}
	return nil, fmt.Errorf("there are no disk limits %q", limits)
}

// unboundedDisks are directories of the host.
type unboundedDisks struct{}

func (unboundedDisks) make(dir string, uid int, l runtime.Limits) (*os.File, error) {
	if l.DiskBytes != 0 || l.Inodes != 0 {
		return nil, errdefs.InvalidField("limits", "the disk is not bounded on this host")
	}
	dir += "/fs"
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	fd, err := unix.OpenTree(unix.AT_FDCWD, dir, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return furnish(os.NewFile(uintptr(fd), "disk"), uid)
}

func (unboundedDisks) bounded() bool { return false }

func (unboundedDisks) close() {}

// furnish makes the directories that every layer has. It closes the mount when it fails.
func furnish(mount *os.File, uid int) (*os.File, error) {
	fd := int(mount.Fd())
	var err error
	for _, name := range []string{"upper", "work"} {
		err = errors.Join(err, unix.Mkdirat(fd, name, 0o755), unix.Fchownat(fd, name, uid, uid, unix.AT_SYMLINK_NOFOLLOW))
	}
	if err != nil {
		_ = mount.Close()
		return nil, err
	}
	return mount, nil
}

// minFree is what the host's disk must have left for one more sandbox. Limits may promise more in all than there is: a layer takes its room
// when it is written, and what a program writes where there is none is lost, in a loop device without its knowing.
const minFree = 128 << 20

func checkRoom(dir string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return err
	}
	if free := s.Bavail * uint64(s.Bsize); free < minFree {
		return errdefs.New(errdefs.ResourceExhausted, "HOST_DISK_FULL", "the host's disk has %d MiB left, a new sandbox needs %d", free>>20, minFree>>20)
	}
	return nil
}
