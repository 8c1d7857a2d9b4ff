package server

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
)

// openTerminal makes a terminal of the given size that belongs to u. The command's end comes from the kernel and not from a
// path under /dev/pts, which is why this is not the pty package: the sandbox may have put anything at that path.
func openTerminal(size *agentv1.TerminalSize, u user) (ours *os.File, theirs int, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, -1, fmt.Errorf("open a terminal: %w", err)
	}
	ours = os.NewFile(uintptr(fd), "terminal")
	defer func() {
		if err != nil {
			_ = ours.Close()
		}
	}()
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, -1, fmt.Errorf("unlock the terminal: %w", err)
	}
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		return nil, -1, fmt.Errorf("open the terminal's other end: %w", errno)
	}
	if u.uid != 0 {
		_ = unix.Fchown(int(peer), int(u.uid), -1) // so that it may open it once more, by /dev/tty's name
	}
	if err := setSize(fd, size); err != nil {
		_ = unix.Close(int(peer))
		return nil, -1, fmt.Errorf("set the terminal's size: %w", err)
	}
	return ours, int(peer), nil
}

func resize(terminal *os.File, size *agentv1.TerminalSize) error {
	rc, err := terminal.SyscallConn()
	if err != nil {
		return err
	}
	var e error
	if err := rc.Control(func(fd uintptr) { e = setSize(int(fd), size) }); err != nil {
		return err
	}
	return e
}

func setSize(fd int, size *agentv1.TerminalSize) error {
	return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(size.GetWidth()), Row: uint16(size.GetHeight())})
}
