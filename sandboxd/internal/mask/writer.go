package mask

import (
	"sync"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent/runes"
)

// Writer masks one stream and hands it on in pieces. Its methods may be called concurrently.
type Writer struct {
	// Stream is where the values are found.
	Stream *Stream
	// Send gets a piece behind Room bytes of its own use: b[Room:], valid during the call. UTF-8 sequences are whole in it.
	// After an error it is not called again.
	Send func(b []byte) error
	Room int
	// Max is the most bytes of a piece, without the room; at least 4.
	Max int
	// Pause is how long something is held back before a part of it is shown that is no value yet, see Stream.Pause; 0 means
	// until more comes, or the end.
	Pause time.Duration

	mu    sync.Mutex
	buf   []byte // the room, and behind it what is masked and not sent: the beginning of a UTF-8 sequence
	timer *time.Timer
	ended bool
	err   error
}

// Write masks b[Room:] and sends what is not held back. Its error is Send's. The room is overwritten.
func (w *Writer) Write(b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	data := b[w.Room:]
	// Most output has nothing to mask, and need not be copied.
	if len(w.buf) <= w.Room && len(data) <= w.Max && w.err == nil {
		n := w.Stream.clean(data)
		if n = runes.Whole(data[:n]); n > 0 {
			w.err = w.Send(b[:w.Room+n])
			data = data[n:]
		}
	}
	if len(data) > 0 {
		w.buf = w.Stream.Append(w.pending(), data)
		w.send(false)
	}
	if w.Pause > 0 {
		w.waitForMore()
	}
	return w.err
}

// Close sends what was held back.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
	w.buf = w.Stream.Flush(w.pending())
	w.send(true)
	return w.err
}

func (w *Writer) waitForMore() {
	switch {
	case !w.Stream.Held():
		if w.timer != nil {
			w.timer.Stop()
		}
	case w.timer == nil:
		w.timer = time.AfterFunc(w.Pause, w.paused)
	default:
		w.timer.Reset(w.Pause)
	}
}

func (w *Writer) paused() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.buf = w.Stream.Pause(w.pending())
		w.send(false)
	}
}

// pending is buf with its room.
func (w *Writer) pending() []byte {
	if w.buf == nil {
		return make([]byte, w.Room)
	}
	return w.buf
}

// send sends whole sequences of buf, at the end all of it, and keeps the rest.
func (w *Writer) send(end bool) {
	at := w.Room
	to := len(w.buf)
	if !end {
		to = at + runes.Whole(w.buf[at:])
	}
	for at < to && w.err == nil {
		n := min(to-at, w.Max)
		if at+n < to {
			n = runes.Whole(w.buf[at : at+n])
		}
		w.err = w.Send(w.buf[at-w.Room : at+n]) // the room is over what was sent before
		at += n
	}
	w.buf = append(w.buf[:w.Room], w.buf[to:]...)
}
