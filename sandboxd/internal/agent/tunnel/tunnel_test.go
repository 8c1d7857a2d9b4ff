package tunnel_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/agent/tunnel"
)

// connection is a unix socket's two ends.
func connection(t *testing.T) (a, b net.Conn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "socket")
		if ends[i], err = net.FileConn(f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		t.Cleanup(func() { _ = ends[i].Close() })
	}
	return ends[0], ends[1]
}

// local is what one end of a tunnel is joined with: unread, it takes nothing before it is closed.
type local struct {
	io.Reader
	out    bytes.Buffer
	unread chan struct{} // nil: all is taken at once
	refuse bool
	ended  chan struct{} // closed by CloseWrite, unless nil
}

func (l *local) Write(b []byte) (int, error) {
	if l.refuse {
		return 0, io.ErrClosedPipe
	}
	if l.unread != nil {
		<-l.unread
	}
	return l.out.Write(b)
}

func (l *local) CloseWrite() error {
	if l.ended != nil {
		close(l.ended)
	}
	return nil
}

// silent is a side that says nothing, and does not end.
func silent(t *testing.T) io.Reader {
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	return r
}

var errOther = errors.New("the other end's error")

func run(conn net.Conn, l tunnel.Local) <-chan error {
	ended := make(chan error, 1)
	end := tunnel.End{
		Frames: frame.NewReader(conn), Write: func(b []byte) error { _, err := conn.Write(b); return err },
		Response: func([]byte) error { return errOther },
	}
	go func() { ended <- end.Run(l) }()
	return ended
}

func wantEnd(t *testing.T, ended <-chan error, want error) {
	t.Helper()
	select {
	case err := <-ended:
		if !errors.Is(err, want) {
			t.Errorf("it ended with %v, want %v", err, want)
		}
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

// send writes a frame; the end that reads it may have hung up.
func send(conn net.Conn, kind frame.Type, payload []byte) { _ = frame.Write(conn, kind, payload) }

func ack(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func TestWhatTheOtherEndMayNot(t *testing.T) {
	full := make([]byte, tunnel.Window)
	for name, abuse := range map[string]func(net.Conn){
		"more than the window": func(c net.Conn) {
			send(c, frame.Data, full)
			send(c, frame.Data, full)
			send(c, frame.Data, []byte("x"))
		},
		"an acknowledgement of nothing": func(c net.Conn) { send(c, frame.DataAck, ack(1)) },
		"a huge acknowledgement":        func(c net.Conn) { send(c, frame.DataAck, ack(1<<32-1)) },
		"half an acknowledgement":       func(c net.Conn) { send(c, frame.DataAck, []byte{1}) },
		"another frame":                 func(c net.Conn) { send(c, frame.Exit, nil) },
		"data behind the end":           func(c net.Conn) { send(c, frame.Data, nil); send(c, frame.Data, []byte("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			here, there := connection(t)
			l := &local{Reader: silent(t), unread: make(chan struct{})}
			defer close(l.unread)
			ended := run(here, l)
			go func() { _, _ = io.Copy(io.Discard, there) }()
			abuse(there)
			wantEnd(t, ended, tunnel.ErrProtocol)
		})
	}
}

// TestTheOtherEndHangsUp, at any point: it is seen at once, also while what came is not taken.
func TestTheOtherEndHangsUp(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(net.Conn)
		want   error
	}{
		"at once":           {func(net.Conn) {}, tunnel.ErrGone},
		"within a frame":    {func(c net.Conn) { _, _ = c.Write([]byte{byte(frame.Data), 0, 0}) }, tunnel.ErrGone},
		"with data waiting": {func(c net.Conn) { send(c, frame.Data, make([]byte, 1000)) }, tunnel.ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := connection(t)
			l := &local{Reader: silent(t), unread: make(chan struct{})}
			defer close(l.unread)
			ended := run(here, l)
			tc.before(there)
			_ = there.Close()
			wantEnd(t, ended, tc.want)
		})
	}
}

// TestWhatCameIsDelivered before the end that followed it, a good one or an error.
func TestWhatCameIsDelivered(t *testing.T) {
	for _, tc := range []struct {
		last frame.Type
		want error
	}{{frame.Data, nil}, {frame.Response, errOther}} {
		here, there := connection(t)
		l := &local{Reader: silent(t), unread: make(chan struct{})}
		ended := run(here, l)
		send(there, frame.Data, []byte("all of it"))
		send(there, tc.last, nil)
		_ = there.Close()
		close(l.unread)
		wantEnd(t, ended, tc.want)
		if l.out.String() != "all of it" {
			t.Errorf("frame type %d: %q", tc.last, l.out.String())
		}
	}
}

// TestBothEnds joins two, of which one takes nothing for as long as the other has anything to send.
func TestBothEnds(t *testing.T) {
	here, there := connection(t)
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB, of which the window is a part
	slow := &local{Reader: bytes.NewReader(text), unread: make(chan struct{})}
	fast := &local{Reader: bytes.NewReader(text), ended: make(chan struct{})}
	one, two := run(here, slow), run(there, fast)
	select {
	case <-fast.ended: // it did not wait for the other way
	case <-time.After(time.Minute):
		t.Error("what this end sends waits for what it does not take")
	}
	close(slow.unread)
	wantEnd(t, one, nil)
	wantEnd(t, two, nil)
	if !bytes.Equal(slow.out.Bytes(), text) || !bytes.Equal(fast.out.Bytes(), text) {
		t.Errorf("%d and %d bytes came, other than the %d that were sent", slow.out.Len(), fast.out.Len(), len(text))
	}
}

// TestNobodyTakesIt: when this side has ended and takes nothing more, there is nothing left to wait for.
func TestNobodyTakesIt(t *testing.T) {
	here, there := connection(t)
	ended := run(here, &local{Reader: bytes.NewReader(nil), refuse: true})
	send(there, frame.Data, []byte("into the void"))
	wantEnd(t, ended, nil)
}
