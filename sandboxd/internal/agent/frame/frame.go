// Package frame reads and writes the frames of casemate.agent.v1: `type byte | uint32 big-endian length | payload`. It
// trusts nobody: a frame is bounded, and no memory is taken on the strength of a length alone.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"
)

// Type says what a frame's payload is.
type Type byte

// The types. See casemate.agent.v1 for who sends which when.
const (
	Request    Type = 1  // Request
	Response   Type = 2  // Response
	Stdin      Type = 3  // raw bytes for the command's standard input
	StdinClose Type = 4  // empty: standard input ends
	StdinAck   Type = 5  // uint32: so many bytes of standard input were taken, so many more may be sent
	Resize     Type = 6  // TerminalSize
	Signal     Type = 7  // Signal
	Stdout     Type = 8  // raw bytes
	Stderr     Type = 9  // raw bytes
	Exit       Type = 10 // Exit
	Log        Type = 11 // LogRecord; empty: the end
	Data       Type = 12 // raw bytes of a file; empty: the end
	Events     Type = 35 // FileEvents
	DataAck    Type = 36 // uint32: so many bytes of data were taken, so many more may be sent
)

const (
	// HeaderSize is the length of what precedes each payload.
	HeaderSize = 5
	// MaxPayload is the longest payload.
	MaxPayload = 1 << 20
	// MaxChunk is the longest raw payload that either side sends: long enough to be cheap, short enough to be fair.
	MaxChunk = 32 << 10
	// StdinWindow is how much of a command's standard input may be under way: sent, and not acknowledged by StdinAck.
	// It keeps the agent reading, so that a signal or a closed connection is noticed while a command ignores its input.
	StdinWindow = 256 << 10
)

var (
	// ErrTooLarge means that a payload is longer than MaxPayload.
	ErrTooLarge = errors.New("frame: payload is longer than 1 MiB")
	// ErrNotText means that a message has bytes that are no UTF-8 where only text can be.
	ErrNotText = errors.New("frame: message with a text that is not UTF-8")
)

// Header writes the header of a frame with n bytes of payload to the first HeaderSize bytes of b.
func Header(b []byte, t Type, n int) {
	b[0] = byte(t)
	binary.BigEndian.PutUint32(b[1:HeaderSize], uint32(n))
}

// Write writes one frame with a single call of w.Write.
func Write(w io.Writer, t Type, payload []byte) error {
	if len(payload) > MaxPayload {
		return ErrTooLarge
	}
	b := make([]byte, HeaderSize+len(payload))
	Header(b, t, len(payload))
	copy(b[HeaderSize:], payload)
	_, err := w.Write(b)
	return err
}

// WriteMessage writes one frame with a protobuf message as its payload. After ErrTooLarge and ErrNotText nothing was written.
func WriteMessage(w io.Writer, t Type, m proto.Message) error {
	b, err := proto.MarshalOptions{}.MarshalAppend(make([]byte, HeaderSize, 256), m)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotText, err) // the only way in which ours can't be encoded
	}
	if len(b)-HeaderSize > MaxPayload {
		return ErrTooLarge
	}
	Header(b, t, len(b)-HeaderSize)
	_, err = w.Write(b)
	return err
}

// Reader reads frames.
type Reader struct {
	r   io.Reader
	buf []byte // what was read and not yet returned is buf[start:end]

	start, end int
}

// readAhead is how much a Reader asks for at once, and its memory at rest.
const readAhead = 4 << 10

// NewReader returns a Reader over r.
func NewReader(r io.Reader) *Reader { return &Reader{r: r, buf: make([]byte, readAhead)} }

// Next returns the next frame. The payload is valid until the next call. At the end between two frames the error is io.EOF,
// within one io.ErrUnexpectedEOF.
func (r *Reader) Next() (Type, []byte, error) {
	if err := r.fill(HeaderSize); err != nil {
		return 0, nil, err
	}
	h := r.buf[r.start:]
	t, n := Type(h[0]), binary.BigEndian.Uint32(h[1:HeaderSize])
	if n > MaxPayload {
		return 0, nil, ErrTooLarge
	}
	if err := r.fill(HeaderSize + int(n)); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	payload := r.buf[r.start+HeaderSize : r.start+HeaderSize+int(n)]
	r.start += HeaderSize + int(n)
	return t, payload, nil
}

// fill reads until n bytes are there. The buffer at most doubles what has really arrived.
func (r *Reader) fill(n int) error {
	if r.end-r.start >= n {
		return nil
	}
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
		if len(r.buf) > 4*MaxChunk && r.end < readAhead {
			r.buf = append(make([]byte, 0, readAhead), r.buf[:r.end]...)[:readAhead] // one long frame is over
		}
	}
	for r.end < n {
		if r.end == len(r.buf) {
			r.buf = append(r.buf, make([]byte, min(len(r.buf), n-r.end))...)
		}
		m, err := r.r.Read(r.buf[r.end:])
		r.end += m
		switch {
		case err == nil, r.end >= n:
		case err == io.EOF && r.end > 0:
			return io.ErrUnexpectedEOF
		default:
			return err
		}
	}
	return nil
}
