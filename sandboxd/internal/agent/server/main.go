package server

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// mainProcess is the sandbox's main process.
type mainProcess struct {
	child *child        // nil when it could not be started
	ended chan struct{} // closed when it has exited and its output is in the log
	code  int           // valid then
}

func (s *Server) startMain(argv []string) (pid int, err error) {
	cmd, err := s.resolve(&agentv1.Exec{Argv: argv})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.main != nil {
		return 0, errdefs.New(errdefs.FailedPrecondition, "MAIN_PROCESS_STARTED", "the sandbox has its main process already")
	}
	io, err := openStdio(&agentv1.Exec{}, cmd.user)
	if err != nil {
		return 0, err
	}
	m := &mainProcess{ended: make(chan struct{})}
	m.child, err = s.start(cmd, io.theirs, false)
	io.closeTheirs()
	if e := (*notStarted)(nil); errors.As(err, &e) {
		io.close()
		s.log.append(agentv1.Stream_STREAM_STDERR, []byte(e.text))
		s.log.end()
		m.code = e.code
		close(m.ended)
		s.main = m
		return 0, nil
	}
	if err != nil {
		io.close()
		return 0, err
	}
	s.main = m
	go s.followMain(m, io)
	return m.child.pid, nil
}

// followMain masks the main process's output and keeps it, until it has ended.
func (s *Server) followMain(m *mainProcess, io *stdio) {
	pumped := make(chan struct{}, len(io.out))
	for i, f := range io.out {
		go func() {
			stream := []agentv1.Stream{agentv1.Stream_STREAM_STDOUT, agentv1.Stream_STREAM_STDERR}[i]
			masked := s.environment.masker.Stream()
			var out []byte
			pump(f, func(b []byte) error {
				out = masked.Append(out[:0], b[frame.HeaderSize:])
				s.log.append(stream, out)
				return nil
			})
			s.log.append(stream, masked.Flush(out[:0]))
			pumped <- struct{}{}
		}()
	}
	<-m.child.done
	io.expire(time.Now().Add(outputGrace))
	for range io.out {
		<-pumped
	}
	io.close()
	s.log.end()
	m.code = m.child.exitCode()
	close(m.ended)
}

func (s *Server) mainOrNil() *mainProcess {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.main
}

func (s *Server) waitMain(c *call) {
	m := s.mainOrNil()
	if m == nil {
		c.fail(errdefs.New(errdefs.FailedPrecondition, "NO_MAIN_PROCESS", "the sandbox has no main process"))
		return
	}
	select {
	case <-m.ended:
		c.answer(&agentv1.Response{ExitCode: int32(m.code)}, nil)
	case <-c.hungUp():
	}
}

func (s *Server) signalMain(sig int) error {
	if err := checkSignal(sig); err != nil {
		return err
	}
	switch m := s.mainOrNil(); {
	case m == nil:
		_ = unix.Kill(-1, unix.Signal(sig)) // from PID 1 this means everybody else in its pid namespace
	case m.child != nil:
		m.child.signalGroup(sig)
	}
	return nil
}
