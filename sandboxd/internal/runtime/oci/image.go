package oci

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// checkRoot looks for what a hostile image has laid in the way of an OCI runtime, which would take it for the host's fault.
func checkRoot(root string) error {
	for _, name := range []string{"proc", "sys", "dev"} {
		info, err := os.Lstat(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // it is made
		}
		if err != nil {
			return fmt.Errorf("look at the image's /%s: %w", name, err)
		}
		if !info.IsDir() {
			return errInvalid("its /%s is no directory", name)
		}
	}
	return nil
}

func errInvalid(format string, args ...any) error {
	return errdefs.New(errdefs.FailedPrecondition, "IMAGE_INVALID", "the image can't be the root of a sandbox: "+format, args...)
}

// hideUsers takes /etc/passwd and /etc/group out of an OCI runtime's sight, in the sandbox's writable layer, until show is called. It
// would read them to find root's home and groups, wait for a pipe's writer, and give up at a line that is too long.
func hideUsers(root string) (show func() error, _ error) {
	show = func() error { return nil }
	etc, err := openDir(root, "etc")
	if missing(err) {
		return show, nil
	}
	if err != nil {
		return show, fmt.Errorf("look at the image's /etc: %w", err)
	}
	dir := int(etc.Fd())
	suffix := "." + rand.Text()
	var hidden []string
	show = func() error {
		defer etc.Close()
		for _, name := range hidden {
			if err := unix.Renameat(dir, name+suffix, dir, name); err != nil {
				return fmt.Errorf("put back the image's /etc/%s: %w", name, err)
			}
		}
		return nil
	}
	for _, name := range []string{"passwd", "group"} {
		var st unix.Stat_t
		err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
		switch {
		case missing(err):
			continue
		case err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR:
			// A layer's directory has no other name to be had. Without it there are no users either.
			if err = unix.Unlinkat(dir, name, unix.AT_REMOVEDIR); errors.Is(err, unix.ENOTEMPTY) {
				err = errInvalid("its /etc/%s is a directory", name)
			}
		case err == nil:
			if err = unix.Renameat(dir, name, dir, name+suffix); err == nil {
				hidden = append(hidden, name)
			}
		}
		if err != nil {
			return show, errors.Join(fmt.Errorf("look at the image's /etc/%s: %w", name, err), show())
		}
	}
	return show, nil
}

// openDir opens a directory of root's as a process with that root would.
func openDir(root, name string) (*os.File, error) {
	dir, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(dir)
	fd, err := unix.Openat2(dir, name, &unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// missing says whether an error is of a name that leads to nothing of the kind.
func missing(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP)
}
