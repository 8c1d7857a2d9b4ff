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

// mountDev makes /dev. The devices are the host's own nodes, bound one by one: a user namespace can make none. What is
// written to its file systems counts as the sandbox's memory; /dev/shm has no limit besides.
func mountDev(devices map[string]int) error {
	const nosuidNoexec = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC
	dev, err := newMount("tmpfs", nosuidNoexec, "mode", "0755", "size", "1m")
	if err != nil {
		return err
	}
	if err := attach(dev, "/dev"); err != nil {
		return err
	}
	for _, name := range deviceNames {
		if err := os.WriteFile("/dev/"+name, nil, 0o666); err != nil {
			return err
		}
		if err := attach(devices[name], "/dev/"+name); err != nil {
			return err
		}
	}
	pts, err := newMount("devpts", nosuidNoexec, "ptmxmode", "0666", "mode", "0620", "gid", "5")
	if err != nil {
		return err
	}
	shm, err := newMount("tmpfs", hardened, "mode", "1777")
	if err != nil {
		return err
	}
	mqueue, err := newMount("mqueue", hardened)
	if err != nil {
		return err
	}
	for path, fd := range map[string]int{"/dev/pts": pts, "/dev/shm": shm, "/dev/mqueue": mqueue} {
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
