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

// stream returns what sends b[frame.HeaderSize:] as frames of a type, masked where c is, and what sends the rest at the end.
func (c *call) stream(t frame.Type, terminal bool) (write func(b []byte) error, end func() error) {
	send := func(b []byte) error { return c.output(t, b) }
	if c.masker == nil {
		return send, func() error { return nil }
	}
	w := &mask.Writer{Stream: c.masker.Stream(), Send: send, Room: frame.HeaderSize, Max: frame.MaxChunk}
	if terminal {
		w.Pause = typingPause
	}
	return w.Write, w.Close
}
