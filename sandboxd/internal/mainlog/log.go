// Package mainlog keeps the output of sandboxes' main processes on disk, one log a sandbox, bounded one by one and all
// together: the oldest output is dropped above a bound, and who reads is told how much is missing. It stores what it is given:
// secret values are masked before they get here, inside the sandbox.
package mainlog

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// Log is one sandbox's log, with one writer and any number of readers. It is a directory of segments; only the newest one
// grows. What Append has returned for survives a kill of the process, not a loss of power: nothing is synced.
type Log struct {
	dir   *Dir
	path  string
	bytes atomic.Int64 // of all segments

	mu       sync.Mutex
	f        *os.File // the newest segment's; nil when nobody writes, or a new one has to be begun
	segments []segment
	end      uint64 // Offset of the newest record
	writing  bool
	finished bool
	grown    chan struct{} // closed, and replaced, at each Append and at the end
}

// open makes l ready for a writer.
func (l *Log) open() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing {
		return fmt.Errorf("log %s has a writer already", l.path)
	}
	if err := os.Mkdir(l.path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("making log: %w", err)
	}
	if err := l.recover(); err != nil {
		return err
	}
	l.writing, l.finished = true, false
	return nil
}

// recover finds the end of the last whole record, and cuts off what is behind it.
func (l *Log) recover() error {
	s, ok := last(l.segments)
	if !ok {
		return nil
	}
	f, err := os.OpenFile(s.path(l.path), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("opening log: %w", err)
	}
	size, end, err := scanWhole(f, s.start)
	if err == nil && size < s.size {
		err = f.Truncate(size)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("repairing log %s: %w", l.path, err), f.Close())
	}
	l.count(size - s.size)
	l.segments = slices.Clone(l.segments)
	l.segments[len(l.segments)-1].size = size
	l.f, l.end = f, end
	return nil
}

// count adds n bytes to what the log takes.
func (l *Log) count(n int64) {
	l.bytes.Add(n)
	l.dir.total.Add(n)
}

// End returns the Offset of the newest record: where the writer goes on.
func (l *Log) End() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Append adds a record and wakes the readers that follow. After an error nothing of it is in the log: it may be tried again,
// or left out, which readers are told.
func (l *Log) Append(r Record) error {
	if err := l.append(r); err != nil {
		return err
	}
	return l.dir.shrink()
}

func (l *Log) append(r Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.writing:
		return fmt.Errorf("log %s is not open for writing", l.path)
	case len(r.Data) == 0:
		return nil // no two segments can begin at one place
	}
	b := appendRecord(make([]byte, 0, r.sizeOnDisk()), r)
	if s, ok := last(l.segments); ok && s.size > 0 && s.size+int64(len(b)) > l.dir.segmentBytes() {
		if err := l.closeFile(); err != nil {
			return err
		}
	}
	if l.f == nil {
		if err := l.begin(segment{start: r.start()}); err != nil {
			return err
		}
	}
	for len(l.segments) > 1 && l.bytes.Load()+int64(len(b)) > l.dir.cfg.LogBytes {
		if err := l.dropFirst(); err != nil {
			return err
		}
	}
	s := &l.segments[len(l.segments)-1]
	if _, err := l.f.WriteAt(b, s.size); err != nil {
		// What was written of it is no whole record: the next one takes its place, and a restart cuts it off.
		return fmt.Errorf("writing log: %w", err)
	}
	l.segments = slices.Clone(l.segments) // readers have the old one
	l.segments[len(l.segments)-1].size += int64(len(b))
	l.count(int64(len(b)))
	l.end = r.Offset
	l.wake()
	return nil
}

// begin makes a new segment the one that grows.
func (l *Log) begin(s segment) error {
	f, err := os.OpenFile(s.path(l.path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("beginning a segment of a log: %w", err)
	}
	l.f = f
	if old, ok := last(l.segments); !ok || old.start != s.start {
		l.segments = append(slices.Clone(l.segments), s)
	}
	return nil
}

// closeFile ends the segment that grows. Readers open it themselves.
func (l *Log) closeFile() error {
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	if err != nil {
		return fmt.Errorf("closing a segment of a log: %w", err)
	}
	return nil
}

// dropOldest makes room: the oldest segment goes, be it the one that grows.
func (l *Log) dropOldest() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.segments) == 0 {
		return nil
	}
	if len(l.segments) == 1 && l.writing { // an empty one says where the log goes on
		if err := errors.Join(l.closeFile(), l.begin(segment{start: l.end})); err != nil {
			return err
		}
	}
	return l.dropFirst()
}

func (l *Log) dropFirst() error {
	s := l.segments[0]
	if err := os.Remove(s.path(l.path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("dropping the oldest part of a log: %w", err)
	}
	l.segments = without(l.segments)
	l.count(-s.size)
	return nil
}

// Close says that nothing more will be appended: readers that follow end. Repeating it is no error.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing = false
	if !l.finished {
		l.finished = true
		l.wake()
	}
	return l.closeFile()
}

func (l *Log) wake() {
	close(l.grown)
	l.grown = make(chan struct{})
}

// remove ends the log and deletes its files.
func (l *Log) remove() (removed bool, err error) {
	_ = l.Close() // it is about to go
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := os.Lstat(l.path); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err := os.RemoveAll(l.path); err != nil {
		return false, fmt.Errorf("removing log: %w", err)
	}
	l.segments = nil
	l.count(-l.bytes.Load())
	return true, nil
}
