package mainlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// cursor is one reader's place in a log. It keeps the file it is in open, so that its removal takes nothing away from it, and
// holds no lock while it reads: a slow reader delays nobody.
type cursor struct {
	log *Log
	pos uint64 // Offset of the last record read

	f   *os.File // nil: in none yet
	seg segment  // f's; its size is what was there to read when advance last looked
	at  int64    // place in f

	midLine bool   // the newest record that was seen, asked for or not, does not end a line
	seen    uint64 // its Offset
}

// advance calls fn for every record that is there and was not read yet. grown is closed when there may be more;
// finished says that there won't be.
func (c *cursor) advance(fn func(Record) error) (grown <-chan struct{}, finished bool, err error) {
	l := c.log
	l.mu.Lock()
	grown, finished = l.grown, l.finished
	segments := l.segments
	l.mu.Unlock()

	if c.f != nil && (len(segments) == 0 || segments[0].start > c.seg.start) { // dropped meanwhile; we still have it
		info, err := c.f.Stat()
		if err == nil {
			err = c.read(info.Size(), fn)
		}
		if err != nil {
			return nil, false, err
		}
	}
	for i, s := range segments {
		if s.start < c.seg.start || i+1 < len(segments) && segments[i+1].start < c.pos {
			continue // read, or not asked for; what ends at c.pos says whether a line begins there
		}
		if err := c.enter(s); errors.Is(err, fs.ErrNotExist) {
			continue // dropped since; the next record tells how much that was
		} else if err != nil {
			return nil, false, err
		}
		if err := c.read(s.size, fn); err != nil {
			return nil, false, err
		}
	}
	return grown, finished, nil
}

// enter opens s, unless c is in it already.
func (c *cursor) enter(s segment) error {
	if c.f != nil && c.seg.start == s.start {
		return nil
	}
	f, err := os.Open(s.path(c.log.path))
	if err != nil {
		return fmt.Errorf("reading log: %w", err)
	}
	c.close()
	c.f, c.seg, c.at = f, s, 0
	return nil
}

// read calls fn for the records of c.f between c.at and size. It leaves what can't be read: the next segment's first record
// then tells how much is missing.
func (c *cursor) read(size int64, fn func(Record) error) error {
	r := bufio.NewReader(io.NewSectionReader(c.f, c.at, size-c.at))
	for {
		rec, err := readRecord(r)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading log: %w", err)
		}
		c.at += rec.sizeOnDisk()
		wanted := c.locate(&rec)
		c.seen, c.midLine = rec.Offset, rec.Data[len(rec.Data)-1] != '\n'
		if !wanted {
			continue
		}
		c.pos = rec.Offset
		if err := fn(rec); err != nil {
			return err
		}
	}
}

// locate cuts off what c has got already, and says of the rest where it stands. It is false where there is no rest.
func (c *cursor) locate(rec *Record) bool {
	switch start := rec.start(); {
	case rec.Offset <= c.pos:
		return false
	case start < c.pos:
		got := c.pos - start
		rec.MidLine = rec.Data[got-1] != '\n'
		rec.Data = rec.Data[got:]
	case start > c.pos:
		rec.Lost = start - c.pos
	default:
		rec.MidLine = c.seen == start && c.midLine
	}
	return true
}

func (c *cursor) close() {
	if c.f != nil {
		_ = c.f.Close()
		c.f = nil
	}
}
