package server

import (
	"encoding/binary"
	"os"
	"sync"

	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// input is what a command is still to read: at most frame.StdinWindow bytes, so that putting something there never waits.
type input struct {
	f        *os.File
	terminal bool

	mu      sync.Mutex
	pending []byte
	ended   bool          // no more will come
	changed chan struct{} // capacity 1: there is something to do
}

func newInput(f *os.File, terminal bool) *input {
	return &input{f: f, terminal: terminal, changed: make(chan struct{}, 1)}
}

// put adds b. It is false when the caller sends more than its window allows.
func (in *input) put(b []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.pending)+len(b) > frame.StdinWindow {
		return false
	}
	in.pending = append(in.pending, b...)
	in.wake()
	return true
}

// end closes the command's standard input once it has read what is pending.
func (in *input) end() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
	in.wake()
}

// close frees everything. A terminal stays open for its output.
func (in *input) close() {
	if in == nil {
		return
	}
	in.end()
	if !in.terminal {
		_ = in.f.Close()
	}
}

func (in *input) wake() {
	select {
	case in.changed <- struct{}{}:
	default:
	}
}

// controlD is what ends the input at a terminal.
const controlD = "\x04"

// drain writes what is pending, and acknowledges it, until the end. What a command does not want is dropped.
func (in *input) drain(c *call) {
	for range in.changed {
		in.mu.Lock()
		b, ended := in.pending, in.ended
		in.pending = nil
		in.mu.Unlock()
		if len(b) > 0 {
			_, _ = in.f.Write(b)
			ack := make([]byte, frame.HeaderSize+4)
			frame.Header(ack, frame.StdinAck, 4)
			binary.BigEndian.PutUint32(ack[frame.HeaderSize:], uint32(len(b)))
			if c.write(ack) != nil {
				return
			}
		}
		if ended {
			if in.terminal {
				_, _ = in.f.Write([]byte(controlD))
			} else {
				_ = in.f.Close()
			}
			return
		}
	}
}
