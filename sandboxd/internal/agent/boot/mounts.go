package boot

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

const hardened = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC

// held are detached mounts: all that a Linux system has besides its root.
type held struct {
	devices                          map[string]int // by name
	proc, sys, dev, pts, shm, mqueue int
}

// takeHold makes or clones these mounts, while the host's are still to be seen.
func takeHold() (h held, err error) {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return h, fmt.Errorf("make mounts private: %w", err)
	}
	h.devices = map[string]int{}
	for _, name := range deviceNames {
		fd, err := unix.OpenTree(unix.AT_FDCWD, "/dev/"+name, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
		if err != nil {
			return h, fmt.Errorf("take hold of the host's /dev/%s: %w", name, err)
		}
		h.devices[name] = fd
	}
	// The kernel gives a user namespace these two only while it can see the host's.
	if h.proc, err = newMount("proc", hardened); err != nil {
		return h, err
	}
	if h.sys, err = newMount("sysfs", hardened|unix.MOUNT_ATTR_RDONLY); err != nil {
		return h, err
	}
	return h, h.makeDev()
}

// mountAll makes root, a detached mount, the root of this mount namespace, with nothing of the host left in it, and mounts
// the rest. Everything of the host's that is needed was taken hold of before; everything is put in its place after, when a
// path, whatever links the image has laid in its way, can't lead outside any more.
func mountAll(root int, h held) error {
	if err := enter(root); err != nil {
		return fmt.Errorf("change the root: %w", err)
	}
	for _, path := range []string{"/proc", "/sys", "/dev"} {
		if err := mountPoint(path); err != nil {
			return err
		}
	}
	if err := attach(h.proc, "/proc"); err != nil {
		return err
	}
	if err := attach(h.sys, "/sys"); err != nil {
		return err
	}
	if err := h.mountDev(); err != nil {
		return err
	}
	if err := boundInotify(); err != nil { // before /proc/sys can be read only
		return err
	}
	return maskPaths()
}

// sealRoot makes the root file system read-only where setup says so. It comes last of all that writes there.
func sealRoot(setup handover.Setup) error {
	if !setup.ReadOnlyRoot {
		return nil
	}
	if err := mountPoint("/tmp"); err != nil {
		return err
	}
	tmp, err := newMount("tmpfs", unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV, "mode", "1777")
	if err != nil {
		return err
	}
	if err := attach(tmp, "/tmp"); err != nil {
		return err
	}
	return unix.MountSetattr(unix.AT_FDCWD, "/", 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// enter makes a detached mount the root, and lets go of the old one with everything in it.
func enter(root int) error {
	// Any directory of the host's that is sure to be there does for the moment between two calls.
	if err := unix.MoveMount(root, "", unix.AT_FDCWD, "/proc", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return err
	}
	if err := unix.Fchdir(root); err != nil {
		return err
	}
	// With both roots at ".", the old one ends up mounted over the new one, and "." is the old one.
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return err
	}
	_ = unix.Close(root)
	return unix.Chdir("/")
}

// newMount mounts a new file system, attached nowhere yet.
func newMount(fstype string, attrs int, options ...string) (int, error) {
	fs, err := unix.Fsopen(fstype, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("mount %s: %w", fstype, err)
	}
	defer unix.Close(fs)
	for i := 0; i < len(options); i += 2 {
		if err := unix.FsconfigSetString(fs, options[i], options[i+1]); err != nil {
			return -1, fmt.Errorf("mount %s: option %s: %w", fstype, options[i], err)
		}
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("mount %s: %w", fstype, err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attrs)
	if err != nil {
		return -1, fmt.Errorf("mount %s: %w", fstype, err)
	}
	return fd, nil
}

// attach puts a detached mount to a path; a link there is not followed.
func attach(fd int, path string) error {
	if err := unix.MoveMount(fd, "", unix.AT_FDCWD, path, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("mount %s: %w", path, err)
	}
	return unix.Close(fd)
}
