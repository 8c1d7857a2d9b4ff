package boot

import (
	"os"

	"golang.org/x/sys/unix"
)

// deviceNames are the devices that a sandbox gets: the ones that give nothing away and can't be broken.
var deviceNames = []string{"null", "zero", "full", "random", "urandom", "tty"}

var devLinks = map[string]string{
	"/dev/ptmx":   "pts/ptmx",
	"/dev/fd":     "/proc/self/fd",
	"/dev/stdin":  "/proc/self/fd/0",
	"/dev/stdout": "/proc/self/fd/1",
	"/dev/stderr": "/proc/self/fd/2",
}

// makeDev makes the file systems of /dev. What is written to them counts as the sandbox's memory; /dev/shm has no limit
// besides.
func (h *held) makeDev() (err error) {
	const nosuidNoexec = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC
	if h.dev, err = newMount("tmpfs", nosuidNoexec, "mode", "0755", "size", "1m"); err != nil {
		return err
	}
	if h.pts, err = newMount("devpts", nosuidNoexec, "ptmxmode", "0666", "mode", "0620", "gid", "5"); err != nil {
		return err
	}
	if h.shm, err = newMount("tmpfs", hardened, "mode", "1777"); err != nil {
		return err
	}
	h.mqueue, err = newMount("mqueue", hardened)
	return err
}

// mountDev puts /dev together. The devices are the host's own nodes, bound one by one: a user namespace can make none.
func (h *held) mountDev() error {
	if err := attach(h.dev, "/dev"); err != nil {
		return err
	}
	for _, name := range deviceNames {
		if err := os.WriteFile("/dev/"+name, nil, 0o666); err != nil {
			return err
		}
		if err := attach(h.devices[name], "/dev/"+name); err != nil {
			return err
		}
	}
	for path, fd := range map[string]int{"/dev/pts": h.pts, "/dev/shm": h.shm, "/dev/mqueue": h.mqueue} {
		if err := os.Mkdir(path, 0o755); err != nil {
			return err
		}
		if err := attach(fd, path); err != nil {
			return err
		}
	}
	for link, target := range devLinks {
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	return nil
}
