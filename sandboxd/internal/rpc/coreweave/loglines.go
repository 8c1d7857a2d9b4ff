package coreweave

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// maxHeldLine is how much of an unfinished line is held back, in bytes.
const maxHeldLine = 64 << 10

// timeFormat starts the lines of a log with timestamps.
const timeFormat = "2006-01-02T15:04:05.000000Z "

// logLines makes log entries of records, which are cut anywhere. It cuts them behind the ends of lines: the SDK decodes
// every entry by itself and shows whole lines only, so nothing is gained by sending parts of them sooner. A line longer
// than maxHeldLine comes in pieces that split no UTF-8 sequence. Where output is missing, a line of our own says so: the
// wire has no field for it, and its code REPLAY_GAP would make the SDK skip, in silence, also what is still there.
type logLines struct {
	session    string
	timestamps bool
	resumed    bool // the first record may go on with a line that was sent to an earlier stream
	send       func(*sandboxv1.LogEntry) error

	held     []byte    // the start of a line whose end has not come
	heldTime time.Time // when held began
	end      uint64    // the offset behind held
	midLine  bool      // what was sent last did not end a line
}

// add takes the next record.
func (l *logLines) add(r controller.LogRecord) error {
	if l.resumed {
		l.resumed, l.midLine = false, r.MidLine
	}
	if r.Lost > 0 {
		if err := l.tellGap(r); err != nil {
			return err
		}
	}
	if len(l.held) == 0 {
		l.heldTime = r.Time
	}
	l.held = append(l.held, r.Data...)
	l.end = r.Offset

	cut := bytes.LastIndexByte(l.held, '\n') + 1
	if cut == 0 && len(l.held) > maxHeldLine {
		cut = completeUTF8(l.held)
	}
	return l.emit(cut, r.Time)
}

// tellGap says how much is missing before r, in a line of its own.
func (l *logLines) tellGap(r controller.LogRecord) error {
	if err := l.flush(); err != nil {
		return err
	}
	var text []byte
	if l.midLine {
		text = append(text, '\n')
	}
	if l.timestamps {
		text = r.Time.UTC().AppendFormat(text, timeFormat)
	}
	text = fmt.Appendf(text, "[casemate: %d bytes of output are missing here]\n", r.Lost)
	l.midLine = false
	return l.send(&sandboxv1.LogEntry{
		Data: text, Timestamp: timestamp(r.Time), LogSessionId: l.session, NextLogOffset: r.Offset - uint64(len(r.Data)),
	})
}

// flush sends what is held.
func (l *logLines) flush() error { return l.emit(len(l.held), l.heldTime) }

// emit sends the first n held bytes. Lines that begin in them, but the first, have the time t.
func (l *logLines) emit(n int, t time.Time) error {
	if n == 0 {
		return nil
	}
	entry := &sandboxv1.LogEntry{
		Timestamp: timestamp(l.heldTime), LogSessionId: l.session, NextLogOffset: l.end - uint64(len(l.held)-n),
	}
	if l.timestamps {
		entry.Data = l.stamp(l.held[:n], t)
	} else {
		entry.Data = bytes.Clone(l.held[:n])
	}
	l.midLine = l.held[n-1] != '\n'
	l.held = append(l.held[:0], l.held[n:]...)
	l.heldTime = t
	return l.send(entry)
}

func (l *logLines) stamp(data []byte, t time.Time) []byte {
	var out []byte
	at, begins := l.heldTime, !l.midLine
	for line := range bytes.SplitAfterSeq(data, []byte{'\n'}) {
		if len(line) == 0 {
			continue // behind the last newline
		}
		if begins {
			out = at.UTC().AppendFormat(out, timeFormat)
		}
		out = append(out, line...)
		at, begins = t, true
	}
	return out
}

// completeUTF8 is the length of b without an unfinished UTF-8 sequence at its end.
func completeUTF8(b []byte) int {
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}
