package onhost

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// instance is a running sandbox.
type instance struct {
	id    string
	dir   string
	pidfd *os.File
	done  chan struct{}
	ended runtime.Ended // valid once done is closed
}

var _ runtime.Instance = (*instance)(nil)

// adopt takes over pidfd, the agent's, and waits for its end.
func (r *Runtime) adopt(id string, pidfd int) (*instance, error) {
	// Non-blocking, it is a descriptor that Go waits for without a thread.
	if err := unix.SetNonblock(pidfd, true); err != nil {
		_ = unix.Close(pidfd)
		return nil, fmt.Errorf("watch the agent: %w", err)
	}
	inst := &instance{id: id, dir: r.path(id), pidfd: os.NewFile(uintptr(pidfd), "agent"), done: make(chan struct{})}
	conn, err := inst.pidfd.SyscallConn()
	if err != nil {
		_ = inst.pidfd.Close()
		return nil, fmt.Errorf("watch the agent: %w", err)
	}
	r.mu.Lock()
	r.instances[id] = inst
	r.mu.Unlock()
	go func() {
		// When PID 1 of a pid namespace has ended, nothing in it is left.
		_ = conn.Read(func(fd uintptr) bool { return hasEnded(int(fd)) })
		inst.ended = runtime.Ended{OOMKilled: r.cgroups.oomKilled(id), LastWords: lastWords(inst.dir)}
		r.mu.Lock()
		delete(r.instances, id)
		r.mu.Unlock()
		_ = inst.pidfd.Close()
		close(inst.done)
	}()
	return inst, nil
}

// hasEnded says whether a process has ended. If it is this process's child, its remains are reaped.
func hasEnded(pidfd int) bool {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 0); err != nil || n == 0 {
		return err != nil && err != unix.EINTR
	}
	_ = unix.Waitid(unix.P_PIDFD, pidfd, nil, unix.WEXITED, nil)
	return true
}

func lastWords(dir string) string {
	f, err := os.Open(filepath.Join(dir, logName))
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, 4<<10))
	return string(b)
}

// kill ends the sandbox's processes, all of them, and waits until they have.
func (i *instance) kill(ctx context.Context) error {
	if conn, err := i.pidfd.SyscallConn(); err == nil {
		// An error means that it has ended already, and done tells.
		_ = conn.Control(func(fd uintptr) { _ = unix.PidfdSendSignal(int(fd), unix.SIGKILL, nil, 0) })
	}
	select {
	case <-i.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for its processes' end: %w", context.Cause(ctx))
	}
}

// ID implements runtime.Instance.
func (i *instance) ID() string { return i.id }

// Done implements runtime.Instance.
func (i *instance) Done() <-chan struct{} { return i.done }

// Ended implements runtime.Instance.
func (i *instance) Ended() runtime.Ended { return i.ended }

// Dial implements runtime.Instance.
func (i *instance) Dial(ctx context.Context) (net.Conn, error) {
	var conn net.Conn
	err := withSocketPath(i.dir, func(path string) (err error) {
		conn, err = new(net.Dialer).DialContext(ctx, "unix", path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("connect to the agent of sandbox %s: %w", i.id, err)
	}
	return conn, nil
}

// withSocketPath calls f with a path of the socket in dir that is short enough for a socket's address, 107 bytes, however
// deep dir is.
func withSocketPath(dir string, f func(path string) error) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f("/proc/self/fd/" + strconv.Itoa(fd) + "/" + socketName)
}
