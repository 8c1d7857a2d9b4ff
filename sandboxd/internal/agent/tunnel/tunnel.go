// Package tunnel carries bytes both ways over the connection of one call, for sandboxd and for the agent: both ends run the same
// code. Each way has a window of its own, which the receiver opens again as it gets rid of what came. So both ends always read:
// neither way holds up the other, and each end sees at once when the other has gone, whatever else waits. An end trusts the
// other with no more memory than the window.
package tunnel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// Window is how many bytes of one way may be under way: sent, and not acknowledged.
const Window = 64 << 10

var (
	// ErrProtocol means that the other end sent what it may not.
	ErrProtocol = errors.New("tunnel: the other end broke the protocol")
	// ErrGone means that the other end's connection ended before its bytes had.
	ErrGone = errors.New("tunnel: the other end has gone")
)

// Local is what an end connects with the other. Reading and writing go on at the same time.
type Local interface {
	// Read returns what goes into the tunnel; io.EOF is the end of it, after which more may still come out.
	io.Reader
	// Write takes what comes out, and waits until it has got rid of it.
	io.Writer
	// CloseWrite says that no more comes out.
	CloseWrite() error
}

// End is one end of a tunnel.
type End struct {
	// Frames are those that the other end sends.
	Frames *frame.Reader
	// Write writes a whole frame, its header included, and may be called concurrently.
	Write func([]byte) error
	// Response takes the payload of a RESPONSE frame, and says which error it stands for; nil: there are none.
	Response func([]byte) error
}

// Run carries bytes until both ways have ended, one can't go on, or the other end's connection is closed; whoever calls it
// closes that afterwards, and with it l, since reads and writes of l may be under way still. It returns
//
//   - nil when both ways have ended, or one has and the other finds nobody who takes its bytes;
//   - an error of l's Read;
//   - what Response returned, when all that came before was written;
//   - ErrGone, ErrProtocol.
func (e End) Run(l Local) error {
	in, out := newIncoming(), newOutgoing()
	defer in.close()
	defer out.close()
	read, sent := make(chan error, 1), make(chan error, 1)
	wrote, refused := make(chan error, 1), make(chan struct{})
	go func() { read <- e.receive(in, out) }()
	go func() { sent <- e.send(l, out) }()
	go func() { wrote <- e.deliver(l, in, refused) }()
	sending, writing := true, true
	for sending || writing {
		select {
		case err := <-read:
			if !errors.Is(err, errHungUp) {
				return err
			}
			sending = false
		case err := <-sent:
			if err != nil && sending {
				return err
			}
			sending = false
		case err := <-wrote:
			if err != nil {
				return err
			}
			writing = false
		case <-refused:
			writing, refused = false, nil
		}
	}
	return nil
}

// errHungUp: the other end has said all it had to say.
var errHungUp = errors.New("hung up")

// receive takes the other end's frames.
func (e End) receive(in *incoming, out *outgoing) error {
	for {
		t, b, err := e.Frames.Next()
		switch {
		case err != nil && in.hasEnded():
			return errHungUp
		case err != nil:
			return fmt.Errorf("%w: %w", ErrGone, err)
		case t == frame.Data:
			if !in.put(b) {
				return fmt.Errorf("%w: more data than its window", ErrProtocol)
			}
		case t == frame.DataAck && len(b) == 4:
			if !out.acknowledged(int64(binary.BigEndian.Uint32(b))) {
				return fmt.Errorf("%w: it acknowledged more than it got", ErrProtocol)
			}
		case t == frame.Response && e.Response != nil:
			in.fail(e.Response(b))
			return errHungUp
		default:
			return fmt.Errorf("%w: a frame of type %d", ErrProtocol, t)
		}
	}
}

// send hands on what l reads.
func (e End) send(l Local, out *outgoing) error {
	b := make([]byte, frame.HeaderSize+frame.MaxChunk)
	for {
		n := out.wait(frame.MaxChunk)
		if n == 0 {
			return nil
		}
		n, err := l.Read(b[frame.HeaderSize : frame.HeaderSize+n])
		if n > 0 {
			out.take(n)
			if e.frame(b[:frame.HeaderSize+n], frame.Data) != nil {
				return nil // receive has the reason
			}
		}
		if errors.Is(err, io.EOF) {
			_ = e.frame(b[:frame.HeaderSize], frame.Data)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// deliver hands to l what came, and acknowledges it. What l does not take any more is dropped, and refused closed: whether the other
// way ends well is for send to see.
func (e End) deliver(l Local, in *incoming, refused chan<- struct{}) error {
	ack := make([]byte, frame.HeaderSize+4)
	taken := true
	taking := func(err error) {
		if err != nil && taken {
			taken = false
			close(refused)
		}
	}
	for {
		b, err := in.take()
		if b == nil {
			if err == nil && taken {
				taking(l.CloseWrite())
			}
			return err
		}
		if taken {
			_, err := l.Write(b)
			taking(err)
		}
		binary.BigEndian.PutUint32(ack[frame.HeaderSize:], uint32(len(b)))
		_ = e.frame(ack, frame.DataAck) // receive sees why not
	}
}

func (e End) frame(b []byte, t frame.Type) error {
	frame.Header(b, t, len(b)-frame.HeaderSize)
	return e.Write(b)
}
