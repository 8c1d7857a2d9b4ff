package server

import (
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

// typingPause is how long a terminal's output is held back that may be the beginning of a value: less than a person who types
// notices, and more than a program that writes a value needs.
const typingPause = 50 * time.Millisecond

// outputMasker is what masks the output of commands and what files are read; nil when they are not masked.
func (s *Server) outputMasker() *mask.Masker {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.environment == nil || !s.environment.maskOutput {
		return nil
	}
	return s.environment.masker
}

// outputStream returns what takes b[frame.HeaderSize:], a piece of output of a type, and what must be called at its end.
type outputStream func(t frame.Type, terminal bool) (write func(b []byte) error, end func() error)

// stream sends output as frames, masked where c is.
func (c *call) stream(t frame.Type, terminal bool) (write func(b []byte) error, end func() error) {
	return maskedBy(c.masker, terminal, func(b []byte) error { return c.output(t, b) })
}

// maskedBy returns what masks output, unless m is nil, and gives it to send, and what gives it the rest at the end.
func maskedBy(m *mask.Masker, terminal bool, send func(b []byte) error) (write func(b []byte) error, end func() error) {
	if m == nil {
		return send, func() error { return nil }
	}
	w := &mask.Writer{Stream: m.Stream(), Send: send, Room: frame.HeaderSize, Max: frame.MaxChunk}
	if terminal {
		w.Pause = typingPause
	}
	return w.Write, w.Close
}
