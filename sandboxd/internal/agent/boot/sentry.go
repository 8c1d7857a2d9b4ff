package boot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

// RunInSentry is the first stage in a sandbox of gVisor's. runsc has made its file systems; every call goes to the sentry,
// so what is done here, mounts included, is the sandbox's own affair and reaches nothing of the host's, but for the socket.
// It returns only when something failed.
func RunInSentry() error {
	runtime.LockOSThread()
	var (
		prog  []unix.SockFilter
		setup handover.Setup
		later = born{}
	)
	err := takeSteps([]step{
		{"keep places for descriptors", keepPlaces},
		{"assemble the filter of system calls", func() (err error) { prog, err = assemble(sparedInit()); return err }},
		{"receive the set-up", func() (err error) { setup, _, err = receive(true); return err }},
		{"listen", later.listenOutside},
		{"take away what covers /tmp", plainTmp},
		{"make settings read-only", settingsReadOnly},
		{"limit processes", func() error { return later.limitProcesses(setup.Pids) }},
		{"set resource limits", setLimits},
		{"prepare signals", prepareSignals},
		{"write /etc/hosts", func() error { return writeHosts(setup) }},
		{"bound open files", func() error { return boundOpenFiles(setup.OpenFiles) }},
		{"make the root file system read-only", func() error { return remountRoot(setup) }},
		{"drop capabilities", func() error { return dropCapabilities(setup.Capabilities | 1<<unix.CAP_SYS_PTRACE) }}, // see the server's jail
		{"filter system calls", func() error { return filterSyscalls(prog) }},
		{"hand over descriptors", later.place},
	})
	if err != nil {
		return err
	}
	// The sentry runs a file of the host's, which it was given as a descriptor.
	err = syscall.Exec("/proc/self/exe", []string{"sandbox-agent"}, secondStageEnv)
	return fmt.Errorf("execute the second stage: %w", err)
}

// listenOutside makes the agent's socket in the host's directory that is mounted at handover.SocketDir, and takes the mount
// away: the socket goes on, and no path inside leads to it, nor can one be made again by whoever has no CAP_SYS_ADMIN.
func (b born) listenOutside() error {
	// While it is open, the file system stays, and with it the socket that belongs to it.
	dir, err := unix.Open(handover.SocketDir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: handover.SocketDir + "/" + handover.SocketName}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if err := unix.Listen(fd, 1024); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	b[handover.ListenerFD], b[handover.BinaryFD] = fd, dir
	if err := unix.Unmount(handover.SocketDir, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount: %w", err)
	}
	return os.Remove(handover.SocketDir)
}

// keepPlaces occupies the numbers of the second stage's descriptors before Go has taken one for itself: its poller's, given
// to something else under it, is its death.
func keepPlaces() error {
	for fd := handover.ListenerFD; fd <= handover.BinaryFD; fd++ {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != unix.EBADF {
			continue
		}
		null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if null == fd {
			continue
		}
		if err := errors.Join(unix.Dup3(null, fd, unix.O_CLOEXEC), unix.Close(null)); err != nil {
			return err
		}
	}
	return nil
}

// born are the descriptors that the second stage is to have, by the number that it will have there.
type born map[int]int

// place gives the descriptors their numbers, over whatever has them now; nothing but an execution may follow.
func (b born) place() error {
	high := map[int]int{}
	for to, from := range b {
		fd, err := unix.FcntlInt(uintptr(from), unix.F_DUPFD_CLOEXEC, 64)
		if err != nil {
			return err
		}
		high[to] = fd
	}
	for to, from := range high {
		if err := unix.Dup3(from, to, 0); err != nil {
			return err
		}
	}
	return nil
}

// limitProcesses makes the cgroup that a native sandbox has from the host, out of the sentry's own controller; the agent is in
// the root. Nothing of the sandbox sees either.
func (b born) limitProcesses(pids int64) error {
	const at = "/dev/cgroup"
	if err := os.Mkdir(at, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("cgroup", at, "cgroup2", 0, ""); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	work := filepath.Join(at, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, "pids.max"), []byte(strconv.FormatInt(pids, 10)), 0); err != nil {
		return err
	}
	var err error
	if b[handover.EnterFD], err = unix.Open(work, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	// The sentry lets no process go alone for want of memory: there is nothing to count.
	for _, fd := range []int{handover.LeaveFD, handover.MemoryFD} {
		if b[fd], err = unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			return err
		}
	}
	if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount: %w", err)
	}
	return os.Remove(at)
}

// plainTmp takes away what runsc mounts over an image's empty /tmp: it would be memory.
func plainTmp() error {
	if err := unix.Unmount("/tmp", 0); err != nil && err != unix.EINVAL && err != unix.ENOENT && err != unix.ENOTDIR {
		return err
	}
	return nil
}

// settingsReadOnly does what runsc does not do for all of ReadOnlyPaths. Most are not there.
func settingsReadOnly() error {
	for _, path := range ReadOnlyPaths {
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		if err := unix.Mount(path, path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("bind %s: %w", path, err)
		}
		if err := unix.Mount("", path, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
			return fmt.Errorf("remount %s: %w", path, err)
		}
	}
	return nil
}

// remountRoot is sealRoot by the older call, which the sentry has.
func remountRoot(setup handover.Setup) error {
	if !setup.ReadOnlyRoot {
		return nil
	}
	if err := mountPoint("/tmp"); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", "/tmp", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
		return fmt.Errorf("mount /tmp: %w", err)
	}
	return unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
}
