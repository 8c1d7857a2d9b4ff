package runtimetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/agent/tunnel"
)

// testPorts connects to programs in a sandbox that has no network but its own loopback.
func testPorts(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	for _, script := range []string{
		"nc -ll -p 7 -e cat",
		"mkdir /www; echo six > /www/page; exec httpd -f -p '[::1]:8' -h /www",
		"nc -ll -p 9 -e sha256sum",
	} {
		if _, err := b.StartProcess(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", script}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := throughPort(t, b, 7, "to and fro"); got != "to and fro" {
		t.Errorf("cat says %q", got)
	}
	if got := throughPort(t, b, 8, "GET /page HTTP/1.0\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\nsix\n") {
		t.Errorf("the server on ::1 says %q", got)
	}
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  -\n" // of hello: it answers after the half-close
	if got := throughPort(t, b, 9, "hello"); got != sum {
		t.Errorf("sha256sum says %q", got)
	}
	_, err := b.DialPort(Context(t), 10)
	wantReason(t, "a port", err, "PORT_REFUSED")
	_, err = b.DialPort(Context(t), 70000)
	wantReason(t, "a port", err, "INVALID_ARGUMENT")
	testPortReset(t, b)
}

// testPortReset: what ends badly on one side does so on the other.
func testPortReset(t *testing.T, b *Box) {
	if _, err := b.StartProcess(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "nc -ll -p 11 -e sh -c 'echo $$; exec sleep 600'"}}); err != nil {
		t.Fatal(err)
	}
	port := dialPort(t, b, 11)
	defer port.Close()
	// When twice the window has gone in, the program has been sent a part: its end with that unread is a reset.
	sent, sending := io.Pipe()
	local := &pipeLocal{in: sent, wrote: make(chan struct{})}
	ended := make(chan error, 1)
	wrote := local.wrote
	go func() { ended <- port.Carry(local) }()
	if _, err := sending.Write(make([]byte, 2*tunnel.Window)); err != nil {
		t.Fatal(err)
	}
	<-wrote // it has told who it is; what is sent to it is never read
	if r := b.Run("kill", "-9", string(bytes.TrimSpace(local.out.Bytes()))); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	select {
	case err := <-ended:
		wantReason(t, "a port", err, "PORT_RESET")
	case <-Context(t).Done():
		t.Fatal("a connection whose program was killed goes on")
	}
}

// dialPort connects as soon as the program listens.
func dialPort(t *testing.T, b *Box, number int) *agent.Port {
	t.Helper()
	ctx, cancel := context.WithTimeout(Context(t), 30*time.Second)
	defer cancel()
	for {
		port, err := b.DialPort(context.WithoutCancel(ctx), number)
		if err == nil {
			return port
		}
		if errdefs.ReasonOf(err) != "PORT_REFUSED" || ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// throughPort sends text, half-closes, and returns what comes back.
func throughPort(t *testing.T, b *Box, number int, text string) string {
	t.Helper()
	port := dialPort(t, b, number)
	defer port.Close()
	local := &pipeLocal{in: bytes.NewReader([]byte(text))}
	if err := port.Carry(local); err != nil {
		t.Errorf("port %d: %v", number, err)
	}
	if !local.closed {
		t.Errorf("port %d: nobody said that it was the end", number)
	}
	return local.out.String()
}

// pipeLocal sends what in has, and keeps what comes.
type pipeLocal struct {
	in     io.Reader
	out    bytes.Buffer
	closed bool
	wrote  chan struct{} // when not nil, told of the first Write
}

// Read implements tunnel.Local.
func (l *pipeLocal) Read(b []byte) (int, error) { return l.in.Read(b) }

// Write implements tunnel.Local.
func (l *pipeLocal) Write(b []byte) (int, error) {
	if l.closed {
		return 0, errors.New("written to after its end")
	}
	n, err := l.out.Write(b)
	if l.wrote != nil {
		close(l.wrote)
		l.wrote = nil
	}
	return n, err
}

// CloseWrite implements tunnel.Local.
func (l *pipeLocal) CloseWrite() error {
	l.closed = true
	return nil
}
