package server

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// startProcess answers a StartProcess call. The process is nobody's from then on: it ends by itself, by its timeout, by a
// signal, or with the sandbox.
func (s *Server) startProcess(c *call, r *agentv1.Exec) {
	p, err := s.launch(r)
	if err != nil {
		c.fail(err)
		return
	}
	c.answer(&agentv1.Response{Processes: []*agentv1.ProcessInfo{p.info()}}, nil)
}

func (s *Server) launch(r *agentv1.Exec) (p *process, err error) {
	cmd, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	if err := s.processes.reserve(); err != nil {
		return nil, err
	}
	defer func() { s.processes.settle(p) }()
	io, err := openStdio(r, cmd.user)
	if err != nil {
		return nil, err
	}
	p = &process{
		started: time.Now(), terminal: io.terminal, output: newLogRing(processOutput), giving: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	p.output.close(p.output.first) // nobody may ever come: output waits only for those who are attached
	p.argv, p.argvCut = shownArgv(r.GetArgv())
	if io.in != nil {
		p.in = io.in.f
	}
	p.child, err = s.start(cmd, io.theirs, r.GetTerminal() != nil)
	io.closeTheirs()
	if e := (*notStarted)(nil); errors.As(err, &e) {
		p.output.append(agentv1.Stream_STREAM_STDERR, []byte(e.text))
		p.finish(io, &agentv1.Exit{Code: int32(e.code)})
		return p, nil
	}
	if err != nil {
		io.close()
		return nil, err
	}
	timeout := time.Duration(r.GetTimeoutNs())
	masker := s.outputMasker()
	go func() {
		p.finish(io, p.child.follow(io, timeout, func(t frame.Type, terminal bool) (func([]byte) error, func() error) {
			return maskedBy(masker, terminal, func(b []byte) error {
				p.output.append(streamOf[t], b[frame.HeaderSize:])
				return nil
			})
		}))
	}()
	return p, nil
}

var streamOf = map[frame.Type]agentv1.Stream{frame.Stdout: agentv1.Stream_STREAM_STDOUT, frame.Stderr: agentv1.Stream_STREAM_STDERR}

func (p *process) finish(io *stdio, exit *agentv1.Exit) {
	p.exit, p.endAt = exit, time.Now()
	io.close()
	close(p.ended)
	p.output.end()
}

func (s *Server) signalProcess(r *agentv1.SignalProcess) error {
	if err := checkSignal(int(r.GetSignal())); err != nil {
		return err
	}
	p, err := s.processes.find(r.GetId())
	if err == nil && p.child != nil {
		p.child.signalGroup(int(r.GetSignal()))
	}
	return err
}

func (s *Server) waitProcess(c *call, r *agentv1.WaitProcess) {
	p, err := s.processes.find(r.GetId())
	if err != nil {
		c.fail(err)
		return
	}
	select {
	case <-p.ended:
		c.answer(&agentv1.Response{Processes: []*agentv1.ProcessInfo{p.info()}}, nil)
	case <-c.hungUp():
	}
}

// attachProcess answers an AttachProcess call. Output that would push out of the ring what the caller has not got waits for
// it, a second at most.
func (s *Server) attachProcess(c *call, r *agentv1.AttachProcess) {
	p, err := s.processes.attach(r.GetId())
	if err != nil {
		c.fail(err)
		return
	}
	defer s.processes.detach(p)
	c.answer(&agentv1.Response{}, nil)
	if c.follow(p.output, r.GetOffset()) {
		_ = c.send(frame.Exit, p.exit)
	}
}

// processInput answers a ProcessInput call when the process has been given all of it.
func (s *Server) processInput(c *call, r *agentv1.ProcessInput) {
	p, err := s.processes.find(r.GetId())
	if err == nil && r.GetResize() != nil {
		err = p.resize(r.GetResize())
	}
	if err == nil && (len(r.GetData()) > 0 || r.GetClose()) {
		err = p.give(r.GetData(), r.GetClose(), c.hungUp())
	}
	c.answer(&agentv1.Response{}, err)
}

func (p *process) resize(size *agentv1.TerminalSize) error {
	if p.terminal == nil {
		return errdefs.New(errdefs.FailedPrecondition, "NO_TERMINAL", "the process was started without a terminal")
	}
	_ = resize(p.terminal, size) // it fails when the process has ended, and nobody looks at the terminal any more
	return nil
}

// give writes to the process's standard input until it has taken everything, or cancel is closed.
func (p *process) give(data []byte, last bool, cancel <-chan struct{}) error {
	if p.in == nil {
		return stdinClosed("the process was started without standard input")
	}
	select {
	case p.giving <- struct{}{}:
	case <-cancel:
		return nil // and nobody to tell
	case <-p.ended:
		return stdinClosed("the process has ended")
	}
	defer func() { <-p.giving }()
	if p.inEnded {
		return stdinClosed("the process's standard input was closed")
	}
	_ = p.in.SetWriteDeadline(time.Time{})
	written, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-cancel:
		case <-p.ended: // what it has started may still have the other end, and not read
		case <-written:
			return
		}
		_ = p.in.SetWriteDeadline(time.Unix(1, 0))
	}()
	var err error
	if len(data) > 0 { // a kernel may have nothing to write at a terminal wait
		_, err = p.in.Write(data)
	}
	if last && err == nil {
		p.inEnded = p.terminal == nil
		if p.inEnded {
			_ = p.in.Close()
		} else {
			_, err = p.in.Write([]byte(controlD))
		}
	}
	close(written)
	<-watched
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPIPE):
		return stdinClosed("the process closed its standard input")
	default:
		return stdinClosed("the process has ended") // or the caller has hung up, and does not hear it
	}
}

func stdinClosed(why string) error {
	return errdefs.New(errdefs.FailedPrecondition, "STDIN_CLOSED", "%s", why)
}
