package server

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// stdio is a command's standard input, output and error: both ends.
type stdio struct {
	theirs   [3]int      // descriptors; -1: /dev/null
	out      [2]*os.File // what the agent reads; the second is nil at a terminal
	in       *input      // nil: none
	terminal *os.File    // nil: none; the same as out[0]
}

// openStdio opens a terminal or pipes, as r asks for. Errors: ResourceExhausted FILE_LIMIT.
func openStdio(r *agentv1.Exec, u user) (*stdio, error) {
	s := &stdio{theirs: [3]int{-1, -1, -1}}
	var err error
	if size := r.GetTerminal(); size != nil {
		err = s.openTerminal(size, u, r.GetStdin())
	} else {
		err = s.openPipes(r.GetStdin())
	}
	if err != nil {
		s.closeTheirs()
		s.close()
		return nil, errdefs.New(errdefs.ResourceExhausted, "FILE_LIMIT", "the sandbox has no room for another command's input and output: %v", err)
	}
	return s, nil
}

func (s *stdio) openTerminal(size *agentv1.TerminalSize, u user, input bool) error {
	ours, theirs, err := openTerminal(size, u)
	if err != nil {
		return err
	}
	s.theirs, s.out[0], s.terminal = [3]int{theirs, theirs, theirs}, ours, ours
	if input {
		s.in = newInput(ours, true)
	}
	return nil
}

func (s *stdio) openPipes(input bool) error {
	for i := range s.out {
		r, w, err := pipe()
		if err != nil {
			return err
		}
		if s.theirs[1+i] = w; unix.SetNonblock(r, true) != nil {
			return unix.EINVAL
		}
		s.out[i] = os.NewFile(uintptr(r), "output")
	}
	if input {
		r, w, err := pipe()
		if err != nil {
			return err
		}
		if s.theirs[0] = r; unix.SetNonblock(w, true) != nil {
			return unix.EINVAL
		}
		s.in = newInput(os.NewFile(uintptr(w), "input"), false)
	}
	return nil
}

// pipe is os.Pipe without making the command's end non-blocking, which it would not expect.
func pipe() (r, w int, err error) {
	var p [2]int
	err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	return p[0], p[1], err
}

// closeTheirs closes the ends that the command has copies of.
func (s *stdio) closeTheirs() {
	for i, fd := range s.theirs {
		if fd >= 0 && (i == 0 || fd != s.theirs[0]) {
			_ = unix.Close(fd)
		}
	}
	s.theirs = [3]int{-1, -1, -1}
}

// expire makes the pumps end at t, even where output is still open.
func (s *stdio) expire(t time.Time) {
	for _, f := range s.out {
		if f != nil {
			_ = f.SetReadDeadline(t)
		}
	}
}

func (s *stdio) close() {
	s.in.close()
	for _, f := range s.out {
		if f != nil {
			_ = f.Close()
		}
	}
}
