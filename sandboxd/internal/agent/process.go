package agent

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/agent/runes"
)

// TerminalSize is a terminal's size in characters.
type TerminalSize struct{ Width, Height uint16 }

// ExecRequest says what to run.
type ExecRequest struct {
	// Argv is the command and its arguments. A name without a slash is looked up in the sandbox's PATH.
	Argv []string
	// Env is added to the base environment; it may override it, except for secrets.
	Env map[string]string
	// WorkingDir and User: empty means as configured.
	WorkingDir string
	User       string
	// Timeout after which the command's process group is killed; 0 means never.
	Timeout time.Duration
	// Terminal gives the command a terminal; all its output is Stdout then.
	Terminal *TerminalSize
	// Stdin says that Write will be used. Without it standard input is /dev/null.
	Stdin bool
	// MaxOutput is how many bytes it may write to stdout and stderr together; 0 means no end of them. One that writes more is
	// killed, as by Close.
	MaxOutput int64
}

// EventKind says what an Event is.
type EventKind int

// The kinds of events.
const (
	Stdout EventKind = 1 + iota
	Stderr
	Exit
)

// Event is something that a command did.
type Event struct {
	Kind EventKind
	// Data is Stdout's or Stderr's output, at most 32 KiB and the caller's to keep. A UTF-8 sequence is never split between
	// two events.
	Data []byte
	// ExitCode of Exit: 0 to 255; 128 + n for a command killed by signal n. As in a shell, 127 says that the command
	// was not found and 126 that it can't be run; Stderr says why.
	ExitCode int
	// TimedOut of Exit: the command was killed because ExecRequest.Timeout was over.
	TimedOut bool
	// OOMKilled of Exit: the command ended by SIGKILL, ExitCode 137, and the kernel killed something of the sandbox for want of
	// memory while it ran.
	OOMKilled bool
	// OutputExceeded of Exit: the command was killed because it wrote more than ExecRequest.MaxOutput.
	OutputExceeded bool
}

// Process is a command that runs in a sandbox. Recv must be called by one goroutine at a time and until Exit; the other
// methods may be called concurrently with it and each other.
type Process struct {
	conn  *conn
	pid   int
	stdin bool
	tty   bool

	// Read and written by Recv only.
	exited  bool
	limited bool  // ExecRequest.MaxOutput is set
	room    int64 // bytes that are left of it

	onEnd func()

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when one of the following changes
	window   int           // bytes of standard input that may be sent
	finished bool
}

// Exec starts a command. When ctx ends, its process group is killed. Errors: InvalidArgument SECRET_VARIABLE,
// USER_NOT_FOUND, WORKING_DIRECTORY_INVALID; ResourceExhausted PROCESS_LIMIT; FailedPrecondition AGENT_NOT_CONFIGURED. A
// missing command is no error: see Event.ExitCode.
func (c *Client) Exec(ctx context.Context, r ExecRequest) (*Process, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Exec{Exec: r.encode()}})
	if err != nil {
		return nil, err
	}
	resp, err := conn.promptResponse()
	if err != nil {
		conn.close()
		return nil, err
	}
	return &Process{
		conn: conn, pid: int(resp.GetPid()), stdin: r.Stdin, tty: r.Terminal != nil, room: r.MaxOutput, limited: r.MaxOutput > 0,
		changed: make(chan struct{}), window: frame.StdinWindow,
	}, nil
}

func (r ExecRequest) check() error {
	if r.Timeout < 0 {
		return errdefs.InvalidField("timeout", "is negative")
	}
	return checkArgv(r.Argv)
}

func (r ExecRequest) encode() *agentv1.Exec {
	m := &agentv1.Exec{Argv: r.Argv, WorkingDir: r.WorkingDir, User: r.User, TimeoutNs: int64(r.Timeout), Stdin: r.Stdin}
	for k, v := range r.Env {
		m.Env = append(m.Env, &agentv1.EnvVar{Name: k, Value: []byte(v)})
	}
	if t := r.Terminal; t != nil {
		m.Terminal = t.encode()
	}
	return m
}

func (t TerminalSize) encode() *agentv1.TerminalSize {
	return &agentv1.TerminalSize{Width: uint32(t.Width), Height: uint32(t.Height)}
}

// Pid is the command's number in the sandbox; 0 when it could not be started.
func (p *Process) Pid() int { return p.pid }

// Recv returns the next event. Exit is the last one, and comes after all output; after it the error is io.EOF. Output that a
// background process of the command still holds open is waited for 250 ms after the command's exit, not longer.
func (p *Process) Recv() (Event, error) {
	if p.exited {
		return Event{}, io.EOF
	}
	if p.exceeded() {
		return p.cut(), nil
	}
	for {
		t, b, err := p.conn.next()
		if err != nil {
			return Event{}, err
		}
		switch t {
		case frame.Stdout, frame.Stderr:
			if len(b) > frame.MaxChunk {
				return Event{}, lost(fmt.Errorf("the agent sent %d bytes of output at once", len(b)))
			}
			kind := Stdout
			if t == frame.Stderr {
				kind = Stderr
			}
			if b = p.take(b); len(b) == 0 && p.exceeded() {
				return p.cut(), nil
			}
			return Event{Kind: kind, Data: bytes.Clone(b)}, nil
		case frame.StdinAck:
			if err := p.acknowledged(b); err != nil {
				return Event{}, err
			}
		case frame.Exit:
			var e agentv1.Exit
			if err := proto.Unmarshal(b, &e); err != nil {
				return Event{}, lost(fmt.Errorf("the agent's exit frame can't be decoded: %w", err))
			}
			p.exited = true
			p.finish()
			return exitEvent(&e), nil
		default:
			return Event{}, unexpected(t)
		}
	}
}

// take counts output, and returns what there is room for.
func (p *Process) take(b []byte) []byte {
	room := p.room
	if p.room -= int64(len(b)); !p.exceeded() {
		return b
	}
	b = b[:room]
	return b[:runes.Whole(b)]
}

func (p *Process) exceeded() bool { return p.limited && p.room < 0 }

// cut ends a command that wrote too much. It is done here and not by the agent, so that a hostile one is bounded too.
func (p *Process) cut() Event {
	p.exited = true
	p.finish()
	return Event{Kind: Exit, ExitCode: 128 + int(unix.SIGKILL), OutputExceeded: true}
}

// exitEvent takes no more from an agent than an exit code can be.
func exitEvent(e *agentv1.Exit) Event {
	return Event{Kind: Exit, ExitCode: int(uint8(e.GetCode())), TimedOut: e.GetTimedOut(), OOMKilled: e.GetOomKilled()}
}

func (p *Process) acknowledged(b []byte) error {
	if len(b) != 4 {
		return lost(fmt.Errorf("the agent acknowledged input with %d bytes", len(b)))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := binary.BigEndian.Uint32(b)
	if int64(p.window)+int64(n) > frame.StdinWindow {
		return lost(errors.New("the agent acknowledged more input than it got"))
	}
	p.window += int(n)
	p.wake()
	return nil
}

// wake tells the waiting writers to look again. p.mu is held.
func (p *Process) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// OnEnd has f called once, when the command has exited or the process is closed. It must be set before anything is received.
func (p *Process) OnEnd(f func()) { p.onEnd = f }

func (p *Process) finish() {
	p.mu.Lock()
	first := !p.finished
	if first {
		p.finished = true
		p.wake()
	}
	p.mu.Unlock()
	p.conn.close()
	if first && p.onEnd != nil {
		p.onEnd()
	}
}

// Write sends b to the command's standard input. It waits while the command does not read, and needs another goroutine
// in Recv then. What a command that closed its standard input gets is dropped. Errors: FailedPrecondition STDIN_CLOSED when
// there is no standard input, or the command has exited.
func (p *Process) Write(b []byte) error {
	if !p.stdin {
		return errdefs.New(errdefs.FailedPrecondition, "STDIN_CLOSED", "the command was started without standard input")
	}
	for len(b) > 0 {
		n, err := p.reserve(min(len(b), frame.MaxChunk))
		if err != nil {
			return err
		}
		if err := p.conn.write(frame.Stdin, b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// reserve takes up to n bytes out of the window, at least 1.
func (p *Process) reserve(n int) (int, error) {
	for {
		p.mu.Lock()
		finished, changed := p.finished, p.changed
		n := min(n, p.window)
		if !finished {
			p.window -= n
		}
		p.mu.Unlock()
		switch {
		case finished:
			return 0, errdefs.New(errdefs.FailedPrecondition, "STDIN_CLOSED", "the command has exited")
		case n > 0:
			return n, nil
		}
		select {
		case <-changed:
		case <-p.conn.ctx.Done():
			return 0, p.conn.failed(nil)
		}
	}
}

// CloseStdin ends the command's standard input. At a terminal it types the end-of-file character, control-D.
func (p *Process) CloseStdin() error {
	if !p.stdin {
		return nil
	}
	return p.conn.write(frame.StdinClose, nil)
}

// Resize changes the terminal's size. Errors: FailedPrecondition NO_TERMINAL.
func (p *Process) Resize(width, height uint16) error {
	if !p.tty {
		return errdefs.New(errdefs.FailedPrecondition, "NO_TERMINAL", "the command was started without a terminal")
	}
	return p.conn.writeMessage(frame.Resize, TerminalSize{width, height}.encode())
}

// Signal signals the command's process group.
func (p *Process) Signal(sig int) error {
	if err := checkSignal(sig); err != nil {
		return err
	}
	return p.conn.writeMessage(frame.Signal, &agentv1.Signal{Signal: int32(sig)})
}

// Close frees the connection. Before Exit it kills the command's process group.
func (p *Process) Close() error {
	p.finish()
	return nil
}
