package mainlog

import (
	"bytes"
	"context"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Query says which records to read; what all conditions let through is read.
type Query struct {
	// Offset reads on from a Record's Offset.
	Offset uint64
	// Since, when set, leaves out what was received before.
	Since time.Time
	// TailLines, when positive, leaves out all but the last so many lines that are there now.
	TailLines int
	// Follow goes on with what is appended later, until Close.
	Follow bool
}

// Read calls fn for the records that q asks for, the oldest first, until the log's end, an error of fn, or ctx's end. The
// first record's data may be a rest: what precedes Offset or the asked lines is cut off. What q lets through but is not kept
// is told by Record.Lost; what is missing before the oldest record, and may have been asked for, is counted too. Errors:
// OutOfRange LOG_OFFSET_INVALID when the log has not reached Offset.
func (l *Log) Read(ctx context.Context, q Query, fn func(Record) error) error {
	end, err := l.known()
	if err != nil {
		return err
	}
	if q.Offset > end {
		return errdefs.New(errdefs.OutOfRange, "LOG_OFFSET_INVALID", "the log has %d bytes so far, offset %d is behind them", end, q.Offset)
	}
	skip := 0
	if q.TailLines > 0 {
		lines, err := l.countLines(q)
		if err != nil {
			return err
		}
		skip = max(0, lines-q.TailLines)
	}
	c := cursor{log: l, pos: q.Offset}
	defer c.close()
	for {
		grown, finished, err := c.advance(func(r Record) error {
			if r.Time.Before(q.Since) {
				return nil
			}
			if skip > 0 {
				r.Lost = 0        // before the last lines, so nobody asked for it
				r.MidLine = false // what is left of it begins with a line
				if r.Data, skip = dropLines(r.Data, skip); len(r.Data) == 0 {
					return nil
				}
			}
			return fn(r)
		})
		if err != nil {
			return err
		}
		if finished || !q.Follow {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// known returns the log's end. Of one that nobody has written to since this process began, it is looked up.
func (l *Log) known() (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end == 0 && !l.writing {
		if err := l.recover(); err != nil {
			return 0, err
		}
		if err := l.closeFile(); err != nil {
			return 0, err
		}
	}
	return l.end, nil
}

// countLines counts the lines, of both streams together, that q lets through now. A last one without an end counts.
func (l *Log) countLines(q Query) (int, error) {
	c := cursor{log: l, pos: q.Offset}
	defer c.close()
	lines, partial := 0, false
	_, _, err := c.advance(func(r Record) error {
		if len(r.Data) > 0 && !r.Time.Before(q.Since) {
			lines += bytes.Count(r.Data, newline)
			partial = r.Data[len(r.Data)-1] != '\n'
		}
		return nil
	})
	if partial {
		lines++
	}
	return lines, err
}

var newline = []byte{'\n'}

// dropLines cuts up to n lines off b's start and returns the rest and how many are still to be dropped.
func dropLines(b []byte, n int) ([]byte, int) {
	for n > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return nil, n
		}
		b = b[i+1:]
		n--
	}
	return b, 0
}
