package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/tunnel"
)

// connectTimeout is how long a program may take to accept. The kernel does that for it, until its backlog is full.
const connectTimeout = 10 * time.Second

// dialPort answers a DialPort call: the program's connection is open for as long as the call's is.
func (s *Server) dialPort(c *call, port uint32) {
	conn, err := connectPort(port)
	if err != nil {
		c.fail(err)
		return
	}
	defer conn.Close()
	c.answer(&agentv1.Response{}, nil)
	switch err := (tunnel.End{Frames: c.fr, Write: c.write}).Run(conn); {
	case err == nil:
	case errors.Is(err, tunnel.ErrGone), errors.Is(err, tunnel.ErrProtocol):
		conn.reset()
	default: // the program's side
		c.fail(errdefs.New(errdefs.Aborted, "PORT_RESET", "the program on port %d has cut the connection", port))
	}
}

// connectPort connects to the first of the sandbox's own addresses on which a program listens at port.
func connectPort(port uint32) (*tcpConn, error) {
	if port < 1 || port > 65535 {
		return nil, errdefs.InvalidField("port", "%d is no TCP port (1 to 65535)", port)
	}
	loopback6 := &unix.SockaddrInet6{Port: int(port)}
	loopback6.Addr[15] = 1
	addresses := []unix.Sockaddr{&unix.SockaddrInet4{Port: int(port), Addr: [4]byte{127, 0, 0, 1}}, loopback6}
	if own, ok := ownAddress(); ok {
		addresses = append(addresses, &unix.SockaddrInet4{Port: int(port), Addr: own})
	}
	deadline := time.Now().Add(connectTimeout)
	for _, a := range addresses {
		conn, err := connect(a, deadline)
		switch {
		case err == nil:
			return conn, nil
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, unix.ETIMEDOUT):
			return nil, errdefs.New(errdefs.ResourceExhausted, "PORT_BUSY", "the program on port %d takes no connection", port)
		case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
			return nil, errdefs.New(errdefs.ResourceExhausted, "FILE_LIMIT", "the sandbox has no room for another connection: %v", err)
		}
	}
	return nil, errdefs.New(errdefs.FailedPrecondition, "PORT_REFUSED", "no program in the sandbox listens on TCP port %d", port)
}

// ownAddress is the IPv4 address of eth0; a sandbox without a network has none.
func ownAddress() (address [4]byte, ok bool) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return address, false
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("eth0")
	if err != nil || unix.IoctlIfreq(fd, unix.SIOCGIFADDR, req) != nil {
		return address, false
	}
	b, err := req.Inet4Addr()
	return [4]byte(b), err == nil
}

// tcpConn is a TCP connection, without the net package: see Serve.
type tcpConn struct {
	*os.File

	half atomic.Bool // CloseWrite was called
}

// Read implements tunnel.Local. The kernel tells of a reset once, perhaps to a Write that was under way: a connection that is gone
// before this side has closed it had no good end.
func (c *tcpConn) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	if errors.Is(err, io.EOF) && c.state() == tcpClose && !c.half.Load() {
		return n, unix.ECONNRESET
	}
	return n, err
}

// tcpClose is the kernel's TCP_CLOSE.
const tcpClose = 7

// state is that of the kernel's table; 0 where it is not to be had.
func (c *tcpConn) state() (state uint8) {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
				state = info.State
			}
		})
	}
	return state
}

func connect(to unix.Sockaddr, deadline time.Time) (*tcpConn, error) {
	family := unix.AF_INET
	if _, ok := to.(*unix.SockaddrInet6); ok {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, to); err != nil && !errors.Is(err, unix.EINPROGRESS) && !errors.Is(err, unix.EINTR) {
		_ = unix.Close(fd)
		return nil, err
	}
	// As any TCP client does: what is written is for now.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	conn := &tcpConn{File: os.NewFile(uintptr(fd), "port")} // not before: a socket that connects nowhere looks hung up
	if err := conn.established(deadline); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// established waits until the kernel has said how the connecting went.
func (c *tcpConn) established(deadline time.Time) error {
	if err := c.SetWriteDeadline(deadline); err != nil {
		return err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Write(func(fd uintptr) bool {
		var n int
		if n, failed = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); failed == nil && n != 0 {
			failed = unix.Errno(n)
		}
		_, unconnected := unix.Getpeername(int(fd))
		return failed != nil || unconnected == nil
	}); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if failed != nil {
		return failed
	}
	return c.SetWriteDeadline(time.Time{})
}

// CloseWrite implements tunnel.Local.
func (c *tcpConn) CloseWrite() error {
	c.half.Store(true)
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.Shutdown(int(fd), unix.SHUT_WR) })
	return errors.Join(err, failed)
}

// reset has Close cut the connection, so that the program does not take what came for all there was.
func (c *tcpConn) reset() {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		})
	}
}
