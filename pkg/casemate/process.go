package casemate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

const (
	// stdinChunk is how much of stdin goes in one message.
	stdinChunk = 64 << 10
	// maxUnread is how much of one stream's output is kept while only the other one is read.
	maxUnread = 16 << 20
)

// ErrUnread says that more than 16 MiB of this stream came while only the other one was read: what came after those is
// lost. Give ExecOptions a writer for it, or read both at the same time.
var ErrUnread = errors.New("more than 16 MiB of the command's output were not read; the rest of it is lost")

// Process is a running command. Output flows while Wait or a Read runs, and at no other time: a command that nobody reads
// waits. Call Wait or Close, else the call stays open until its context ends. A Process may be used by several goroutines.
type Process struct {
	// Stdout and Stderr are the command's output, each to its end. Neither blocks the other: what comes for the one while
	// the other is read is kept, up to 16 MiB. One that ExecOptions has a writer for is empty.
	Stdout, Stderr io.Reader

	call   sandboxv1.SandboxService_StreamExecClient
	cancel context.CancelFunc
	pid    int

	sending sync.Mutex // a gRPC stream allows one sender at a time

	receiving sync.Mutex // and one receiver; it guards all below
	out, errs output
	ended     bool
	exit      error // *ExitError, or nil for exit code 0
	err       error // why there is no exit code
}

// output is one stream's: it goes to a writer, or is kept until it is read.
type output struct {
	to     io.Writer
	unread []byte
	lost   bool
}

func newProcess(call sandboxv1.SandboxService_StreamExecClient, cancel context.CancelFunc, o ExecOptions) *Process {
	p := &Process{call: call, cancel: cancel, out: output{to: o.Stdout}, errs: output{to: o.Stderr}}
	p.Stdout, p.Stderr = reader{p, &p.out}, reader{p, &p.errs}
	return p
}

// PID is the command's process id inside the sandbox.
func (p *Process) PID() int { return p.pid }

// Wait returns when the command has ended: nil for exit code 0, an *ExitError for another one, and another error when
// there is no exit code, since the connection or the context ended. Unread output can still be read.
func (p *Process) Wait() error {
	p.receiving.Lock()
	defer p.receiving.Unlock()
	for !p.ended {
		p.receive()
	}
	if p.err == nil {
		return p.exit
	}
	return p.err
}

// Close kills the command's process group if it still runs. It is no error to close what has ended.
func (p *Process) Close() { p.cancel() }

// Signal sends a signal to the command's process group. The error is os.ErrProcessDone when it has ended.
func (p *Process) Signal(sig syscall.Signal) error {
	return p.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Signal{Signal: int32(sig)}})
}

// Resize gives the command's terminal another size.
func (p *Process) Resize(size TerminalSize) error {
	return p.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Resize{Resize: size.proto()}})
}

func (p *Process) send(m *sandboxv1.StreamExecRequest) error {
	p.sending.Lock()
	defer p.sending.Unlock()
	err := p.call.Send(m)
	if errors.Is(err, io.EOF) {
		return os.ErrProcessDone
	}
	return err
}

// feed sends stdin to its end, and then closes the command's. A failed send means that the command has ended: receive has
// the reason.
func (p *Process) feed(in io.Reader) {
	if in != nil {
		buf := make([]byte, stdinChunk)
		for {
			n, err := in.Read(buf)
			// Send has encoded the message when it returns, so buf may be used again.
			if n > 0 && p.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: buf[:n]}}) != nil {
				return
			}
			if err != nil {
				break
			}
		}
	}
	_ = p.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_CloseStdin{CloseStdin: &sandboxv1.CloseStdin{}}})
}

// receive takes one message. The caller holds p.receiving, and nothing has ended yet.
func (p *Process) receive() {
	msg, err := p.call.Recv()
	if err == nil {
		switch m := msg.GetMessage().(type) {
		case *sandboxv1.StreamExecResponse_Stdout:
			err = p.out.put(m.Stdout)
		case *sandboxv1.StreamExecResponse_Stderr:
			err = p.errs.put(m.Stderr)
		case *sandboxv1.StreamExecResponse_Exit:
			p.ended, p.exit = true, exitError(int(m.Exit.GetExitCode()), m.Exit)
			_, _ = p.call.Recv() // the end of the call: without it sandboxd would see a cancellation
			p.cancel()
			return
		}
	}
	if err != nil {
		p.ended, p.err = true, noExit(err)
		p.cancel()
	}
}

// noExit says what it means that a stream ended before the exit code came.
func noExit(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the command's stream ended without an exit code")
	}
	return err
}

func (o *output) put(b []byte) error {
	switch {
	case o.to != nil:
		if _, err := o.to.Write(b); err != nil {
			return fmt.Errorf("writing the command's output: %w", err)
		}
	case o.lost || len(o.unread)+len(b) > maxUnread:
		o.lost = true
	default:
		o.unread = append(o.unread, b...)
	}
	return nil
}

// reader reads one of a process's two outputs.
type reader struct {
	p *Process
	o *output
}

// Read implements io.Reader.
func (r reader) Read(b []byte) (int, error) {
	r.p.receiving.Lock()
	defer r.p.receiving.Unlock()
	for len(r.o.unread) == 0 && !r.o.lost && !r.p.ended {
		r.p.receive()
	}
	switch {
	case len(r.o.unread) > 0:
		n := copy(b, r.o.unread)
		r.o.unread = r.o.unread[n:]
		return n, nil
	case r.o.lost:
		return 0, ErrUnread
	case r.p.err != nil:
		return 0, r.p.err
	default:
		return 0, io.EOF
	}
}
