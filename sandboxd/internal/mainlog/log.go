package mainlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// MaxBytes is the most that one log takes on disk, by default: the oldest output is dropped above it.
const MaxBytes = 16 << 20

// Log is one sandbox's log, with one writer and any number of readers. It is two files: path takes new records until it
// holds half of the limit, and then replaces path + ".1".
type Log struct {
	path string
	half int64

	mu       sync.Mutex
	f        *os.File
	size     int64  // bytes of whole records in f
	rotation uint64 // number of times that f was replaced
	end      uint64 // Offset of the newest record
	finished bool
	grown    chan struct{} // closed, and replaced, at each Append and at Finish
}

// Open opens the log at path, made with mode 0600 where there is none; limit is in bytes, 0 means MaxBytes. A record that
// a crash left unfinished is cut off.
func Open(path string, limit int64) (*Log, error) {
	if limit == 0 {
		limit = MaxBytes
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening log: %w", err)
	}
	l := &Log{path: path, half: limit / 2, f: f, grown: make(chan struct{})}
	if err := l.recover(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// recover finds the end of the last whole record.
func (l *Log) recover() error {
	if old, err := os.Open(olderPath(l.path)); err == nil {
		_, l.end, err = scanWhole(old)
		if err := errors.Join(err, old.Close()); err != nil {
			return fmt.Errorf("reading older log: %w", err)
		}
	}
	size, end, err := scanWhole(l.f)
	if err != nil {
		return fmt.Errorf("reading log: %w", err)
	}
	l.size, l.end = size, max(l.end, end)
	if err := l.f.Truncate(size); err != nil {
		return fmt.Errorf("cutting torn record off log: %w", err)
	}
	return nil
}

// scanWhole returns the size of the whole records at the start of f, and the last one's Offset.
func scanWhole(f *os.File) (size int64, end uint64, err error) {
	r := bufio.NewReader(f)
	for {
		rec, err := readRecord(r)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errTorn):
			return size, end, nil
		case err != nil:
			return 0, 0, err
		}
		size += headerSize + int64(len(rec.Data))
		end = rec.Offset
	}
}

// End returns the Offset of the newest record: where the writer goes on.
func (l *Log) End() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Append adds a record and wakes the readers that follow.
func (l *Log) Append(r Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := appendRecord(nil, r)
	if l.size > 0 && l.size+int64(len(b)) > l.half {
		if err := l.rotate(); err != nil {
			return err
		}
	}
	if _, err := l.f.WriteAt(b, l.size); err != nil {
		return fmt.Errorf("writing log: %w", err)
	}
	l.size += int64(len(b))
	l.end = r.Offset
	l.wake()
	return nil
}

func (l *Log) rotate() error {
	if err := os.Rename(l.path, olderPath(l.path)); err != nil {
		return fmt.Errorf("rotating log: %w", err)
	}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("rotating log: %w", err)
	}
	_ = l.f.Close() // read-only from here on, by those who opened it themselves
	l.f, l.size = f, 0
	l.rotation++
	return nil
}

// Finish says that nothing more will be appended: readers that follow end. Repeating it is no error.
func (l *Log) Finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.finished {
		l.finished = true
		l.wake()
	}
}

func (l *Log) wake() {
	close(l.grown)
	l.grown = make(chan struct{})
}

// Close finishes the log and closes its file. Readers keep what they have open.
func (l *Log) Close() error {
	l.Finish()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.f.Close()
}

// Remove deletes the log at path. One that is not there is no error.
func Remove(path string) error {
	for _, p := range []string{path, olderPath(path)} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing log: %w", err)
		}
	}
	return nil
}

func olderPath(path string) string { return path + ".1" }
