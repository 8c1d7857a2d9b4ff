package boot

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

// imageFault is an error that the image is to blame for, not the host: it has something else where a sandbox needs a
// directory or a file of its own.
type imageFault struct{ err error }

func (e *imageFault) Error() string { return e.err.Error() }
func (e *imageFault) Unwrap() error { return e.err }

// blameImage returns err, of something that was done where the image may have laid anything in the way.
func blameImage(err error) error {
	for _, host := range []error{unix.ENOSPC, unix.EDQUOT, unix.EIO, unix.ENOMEM} {
		if errors.Is(err, host) {
			return err
		}
	}
	return &imageFault{err}
}

// mountPoint makes the directory path of the image where it is missing. What else is there stays, and can't be mounted on:
// a link is not followed then.
func mountPoint(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return blameImage(err)
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return blameImage(fmt.Errorf("its %s is no directory", path))
	}
	return nil
}

// writeHosts writes /etc/hostname and /etc/hosts, and /etc/resolv.conf where there is a name server, into the sandbox's
// writable layer, in place of the image's. Where /etc is a link, it leads to somewhere inside of the sandbox.
func writeHosts(setup handover.Setup) error {
	if err := os.Mkdir("/etc", 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return blameImage(err)
	}
	files := map[string]string{
		"/etc/hostname": setup.Hostname + "\n",
		"/etc/hosts":    "127.0.0.1\tlocalhost " + setup.Hostname + "\n::1\tlocalhost ip6-localhost ip6-loopback\n",
	}
	if setup.NameServer.IsValid() {
		files["/etc/resolv.conf"] = "nameserver " + setup.NameServer.String() + "\n"
	}
	for name, content := range files {
		// Whatever the image has there, a link perhaps, is replaced and not followed.
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return blameImage(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return blameImage(err)
		}
	}
	return nil
}
