package mainlog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Query says which records to read; what all conditions let through is read.
type Query struct {
	// Offset reads on from a Record's Offset.
	Offset uint64
	// Since, when set, leaves out what was received before.
	Since time.Time
	// TailLines, when positive, leaves out all but the last so many lines that are there now.
	TailLines int
	// Follow goes on with what is appended later, until Finish.
	Follow bool
}

// Read calls fn for the records that q asks for, the oldest first, until the log's end, an error of fn, or ctx's end. The
// first record's data may be a rest: what precedes Offset or the asked lines is cut off.
func (l *Log) Read(ctx context.Context, q Query, fn func(Record) error) error {
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

// cursor is one reader's place in a log. It keeps the file it is in open, so that a rotation takes nothing away from it.
type cursor struct {
	log      *Log
	pos      uint64 // Offset of the last record read
	f        *os.File
	at       int64 // place in f
	rotation uint64
}

// advance calls fn for every record that is there and was not read yet. grown is closed when there may be more;
// finished says that there won't be.
func (c *cursor) advance(fn func(Record) error) (grown <-chan struct{}, finished bool, err error) {
	l := c.log
	l.mu.Lock()
	grown, finished = l.grown, l.finished
	size, rotation := l.size, l.rotation
	var older, newer *os.File
	if c.f == nil || rotation != c.rotation {
		if c.f == nil || rotation > c.rotation+1 {
			older, err = openIfThere(olderPath(l.path))
		}
		if err == nil {
			newer, err = openIfThere(l.path)
		}
	}
	l.mu.Unlock()

	if err == nil && newer == nil { // still in the file that is being written
		err = c.read(c.f, size, fn)
		return grown, finished, err
	}
	// Files that are not written any more, to their ends; then the one that is.
	for _, f := range []*os.File{c.f, older} {
		if f != nil && err == nil {
			err = c.readToEnd(f, fn)
		}
		if f != nil {
			_ = f.Close()
		}
		c.at = 0
	}
	c.f, c.rotation = newer, rotation
	if newer != nil && err == nil {
		err = c.read(newer, size, fn)
	}
	return grown, finished, err
}

func (c *cursor) readToEnd(f *os.File, fn func(Record) error) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading log: %w", err)
	}
	return c.read(f, info.Size(), fn)
}

// read calls fn for the records of f between c.at and size.
func (c *cursor) read(f *os.File, size int64, fn func(Record) error) error {
	r := bufio.NewReader(io.NewSectionReader(f, c.at, size-c.at))
	for {
		rec, err := readRecord(r)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) { // torn: what a full disk left of a record
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading log: %w", err)
		}
		c.at += headerSize + int64(len(rec.Data))
		if rec.Offset <= c.pos {
			continue
		}
		if unread := rec.Offset - c.pos; unread < uint64(len(rec.Data)) {
			rec.Data = rec.Data[uint64(len(rec.Data))-unread:]
		}
		c.pos = rec.Offset
		if err := fn(rec); err != nil {
			return err
		}
	}
}

func (c *cursor) close() {
	if c.f != nil {
		_ = c.f.Close()
	}
}

// openIfThere returns nil without an error where there is no such file.
func openIfThere(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening log: %w", err)
	}
	return f, nil
}
