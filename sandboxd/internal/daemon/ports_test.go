package daemon_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// serving is a sandbox without a network in which busybox's nc listens on port 7 and starts prog for every connection.
func (e *env) serving(prog string) *casemate.Sandbox {
	e.t.Helper()
	s := script("nc -ll -p 7 -e " + prog)
	s.Network = &sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE}
	s.IdleTimeout = durationpb.New(time.Hour)
	return e.sandboxOf(e.run(s).GetName())
}

func (e *env) sandboxOf(name string) *casemate.Sandbox {
	e.t.Helper()
	client, err := casemate.Connect(casemate.Options{Sandboxd: e.Address(), APIKey: e.key, NoRetry: true})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = client.Close() })
	return client.Sandbox(name)
}

// dial connects to port 7 as soon as there is a program.
func (e *env) dial(sandbox *casemate.Sandbox) *casemate.PortConn {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 30*time.Second)
	defer cancel()
	for {
		conn, err := sandbox.DialPort(ctx, 7)
		if err == nil {
			e.t.Cleanup(func() { _ = conn.Close() })
			return conn
		}
		if errdefs.ReasonOf(err) != "PORT_REFUSED" {
			e.t.Fatal(err)
		}
	}
}

// programs waits until as many of a name's processes run in the sandbox.
func (e *env) programs(sandbox *casemate.Sandbox, name string, want int) {
	e.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		got := strings.Fields(e.shell(sandbox.Name, "pidof "+name))
		if len(got) == want {
			return
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("%d of %s run, want %d", len(got), name, want)
		}
	}
}

// echoed sends n pseudo-random bytes, and checks by their hash that they come back while more are sent.
func echoed(conn *casemate.PortConn, n int64, seed byte) error {
	source := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{seed}), n) }
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(conn, source())
		sent <- errors.Join(err, conn.CloseWrite())
	}()
	want, got := sha256.New(), sha256.New()
	_, _ = io.Copy(want, source())
	came, err := io.Copy(got, conn)
	if err = errors.Join(err, <-sent); err != nil {
		return err
	}
	if came != n || !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		return fmt.Errorf("%d bytes came back, others than the %d that were sent", came, n)
	}
	return nil
}

func TestForwardPortCarriesEverything(t *testing.T) {
	e := start(t)
	sandbox := e.serving("cat")
	if err := echoed(e.dial(sandbox), 100<<20, 1); err != nil {
		t.Error(err)
	}
	e.programs(sandbox, "cat", 0)
}

func TestForwardPortManyAtOnce(t *testing.T) {
	e := start(t, sandboxdtest.WithPython())
	const server = `import asyncio
async def echo(r, w):
    while data := await r.read(65536):
        w.write(data)
        await w.drain()
    w.close()
async def main():
    await (await asyncio.start_server(echo, "127.0.0.1", 7, backlog=256)).serve_forever()
asyncio.run(main())`
	sandbox := e.sandboxOf(e.run(&sandboxv1.SandboxSpec{Image: sandboxdtest.PythonImage, Command: []string{"python", "-c", server}}).GetName())
	first := e.dial(sandbox)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			conn, err := sandbox.DialPort(t.Context(), 7)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if err := echoed(conn, 256<<10, byte(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	// One more than may be is refused, until another has ended.
	var open []*casemate.PortConn
	defer func() {
		for _, conn := range open {
			_ = conn.Close()
		}
	}()
	var err error
	for err == nil && len(open) < 200 {
		var conn *casemate.PortConn
		if conn, err = sandbox.DialPort(t.Context(), 7); err == nil {
			open = append(open, conn)
		}
	}
	if refused := wantError(t, err, errdefs.ResourceExhausted, "TOO_MANY_FORWARDS"); len(open) != 127 || refused.RetryAfter == 0 {
		t.Errorf("%d more may be connected: %+v", len(open), refused)
	}
	_ = first.Close()
	e.dialAgain(sandbox)
}

// dialAgain connects when others have let go.
func (e *env) dialAgain(sandbox *casemate.Sandbox) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 30*time.Second)
	defer cancel()
	for {
		conn, err := sandbox.DialPort(ctx, 7)
		if err == nil {
			_ = conn.Close()
			return
		}
		if errdefs.ReasonOf(err) != "TOO_MANY_FORWARDS" {
			e.t.Fatal(err)
		}
	}
}

// TestForwardPortClientVanishes: what a client leaves is cut, for programs that read, write, or do neither.
func TestForwardPortClientVanishes(t *testing.T) {
	e := start(t)
	for prog, use := range map[string]func(*casemate.PortConn){
		"cat":     func(conn *casemate.PortConn) { _, _ = conn.Write([]byte("hello")) },
		"yes":     func(conn *casemate.PortConn) { _, _ = conn.Read(make([]byte, 1)) }, // and no more
		"sha1sum": func(*casemate.PortConn) {},
	} {
		t.Run(prog, func(t *testing.T) {
			sandbox := e.serving(prog)
			id := sandbox.Name[strings.LastIndex(sandbox.Name, "/")+1:]
			conn := e.dial(sandbox)
			e.programs(sandbox, prog, 1)
			use(conn)
			_ = conn.Close()
			if prog == "sha1sum" { // a reset ends its reading, and so itself
				if _, err := conn.Read(make([]byte, 1)); err == nil {
					t.Error("a closed connection can be read")
				}
			}
			e.programs(sandbox, prog, 0)
			for _, file := range e.AgentFiles(id) {
				if strings.Contains(file, "TCP") {
					t.Errorf("the agent has still open: %s", file)
				}
			}
		})
	}
}

// TestForwardPortUnread: a program that reads nothing makes only its own client wait, and ends with its sandbox.
func TestForwardPortUnread(t *testing.T) {
	e := start(t)
	sandbox := e.serving("sleep 600")
	conn := e.dial(sandbox)
	_ = conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
	written, err := io.Copy(conn, rand.NewChaCha8([32]byte{}))
	if !errors.Is(err, os.ErrDeadlineExceeded) || written > 64<<20 {
		t.Errorf("after %d bytes: %v", written, err)
	}
	if got := e.shell(sandbox.Name, "echo calm"); got != "calm" {
		t.Errorf("the sandbox says %q", got)
	}
	_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading past the deadline: %v", err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		ended <- err
	}()
	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sandbox.Name}); err != nil {
		t.Fatal(err)
	}
	// Whether the kernel ends the program or the agent first is not ours to say.
	if err := <-ended; errdefs.ReasonOf(err) != "SANDBOX_NOT_RUNNING" && errdefs.ReasonOf(err) != "PORT_RESET" {
		t.Errorf("the sandbox's end: %v", err)
	}
}

// TestForwardPortBothWays: neither way waits for the other. The program sends without end and reads at the same time; the client
// does not read before all is written.
func TestForwardPortBothWays(t *testing.T) {
	e := start(t)
	sandbox := e.serving("sh -c 'yes & sha256sum >/tmp/sum'")
	conn := e.dial(sandbox)
	const n = 8 << 20
	sum := sha256.New()
	if _, err := io.Copy(conn, io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{3}), n), sum)); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%x  -", sum.Sum(nil))
	for deadline := time.Now().Add(30 * time.Second); e.shell(sandbox.Name, "cat /tmp/sum") != want; {
		if time.Now().After(deadline) {
			t.Fatal("the program has not got all that was written")
		}
	}
	if _, err := io.ReadFull(conn, make([]byte, n)); err != nil {
		t.Error(err)
	}
}

func TestForwardPortKeepsAnIdleSandbox(t *testing.T) {
	e := start(t)
	sandbox := e.serving("cat")
	if e.get(sandbox.Name).GetIdleExpireTime() == nil {
		t.Fatal("an idle sandbox has no end")
	}
	conn := e.dial(sandbox)
	if end := e.get(sandbox.Name).GetIdleExpireTime(); end != nil {
		t.Errorf("a sandbox that is connected to will end at %v", end.AsTime())
	}
	_ = conn.Close()
	for deadline := time.Now().Add(30 * time.Second); e.get(sandbox.Name).GetIdleExpireTime() == nil; {
		if time.Now().After(deadline) {
			t.Fatal("a sandbox that nobody is connected to any more is in use")
		}
	}
}

func TestForwardPortOverARestart(t *testing.T) {
	e := start(t)
	sandbox := e.serving("cat")
	conn := e.dial(sandbox)
	began := time.Now()
	e.Stop()
	_, err := conn.Read(make([]byte, 1))
	wantError(t, err, errdefs.Unavailable, "SANDBOXD_STOPPING")
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("stopping took %v, as if the connection had to be cut off", took)
	}
	e.Restart()
	e.programs(sandbox, "cat", 0)
	if err := echoed(e.dial(sandbox), 1<<20, 2); err != nil {
		t.Error(err)
	}
}

// TestForwardPortOverAKill: a sandboxd that is killed leaves no connection in the sandbox, and the next one connects.
func TestForwardPortOverAKill(t *testing.T) {
	e := start(t)
	sandbox := e.serving("cat")
	p := e.StartProcess()
	if !p.Serves {
		t.Fatal(e.Logs())
	}
	conn := e.dial(sandbox)
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("after the kill: %v, which looks like the program's end", err)
	}
	e.Restart()
	e.programs(sandbox, "cat", 0)
	if err := echoed(e.dial(sandbox), 1<<20, 2); err != nil {
		t.Error(err)
	}
}

func TestForwardPortRefusals(t *testing.T) {
	e := start(t)
	sandbox := e.sandboxOf(e.run(spec()).GetName())
	_, err := sandbox.DialPort(t.Context(), 7)
	wantError(t, err, errdefs.FailedPrecondition, "PORT_REFUSED")
	_, err = sandbox.DialPort(t.Context(), 0)
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	e.stop(sandbox.Name)
	_, err = sandbox.DialPort(t.Context(), 7)
	wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")
	stream, err := e.api.ForwardPort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Data{Data: []byte("too early")}})
	_, err = stream.Recv()
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}
