package mainlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// DefaultLogBytes is Config.LogBytes when it is 0.
	DefaultLogBytes = 16 << 20
	// DefaultTotalBytes is Config.TotalBytes when it is 0.
	DefaultTotalBytes = 4 << 30
)

// Config says where logs are, and their bounds.
type Config struct {
	// Path is an existing directory that nothing but logs is in: <Path>/<id>.log/.
	Path string
	// LogBytes is the most that one log takes on disk; 0: DefaultLogBytes. One record is kept however long it is.
	LogBytes int64
	// TotalBytes is the most that all logs take together; 0: DefaultTotalBytes. Above it the largest log loses its oldest
	// segment, so that who floods pays for it, and not those who write little.
	TotalBytes int64
}

// Dir is all the logs of a sandboxd. Its methods may be called concurrently.
type Dir struct {
	cfg   Config
	total atomic.Int64 // bytes of all logs

	mu   sync.Mutex
	logs map[string]*Log

	shrinking sync.Mutex // one at a time looks for what to drop
}

// Open finds the logs that there are. They are finished until Write takes one up again.
func Open(cfg Config) (*Dir, error) {
	if cfg.LogBytes == 0 {
		cfg.LogBytes = DefaultLogBytes
	}
	if cfg.TotalBytes == 0 {
		cfg.TotalBytes = DefaultTotalBytes
	}
	d := &Dir{cfg: cfg, logs: map[string]*Log{}}
	entries, err := os.ReadDir(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("looking for logs: %w", err)
	}
	for _, e := range entries {
		id, isLog := strings.CutSuffix(strings.TrimSuffix(e.Name(), ".1"), suffix)
		if isLog && e.Type().IsRegular() { // the form of an earlier sandboxd, which took no directory
			if err := os.Remove(filepath.Join(cfg.Path, e.Name())); err != nil {
				return nil, fmt.Errorf("removing a log of an old form: %w", err)
			}
		}
		if !isLog || !e.IsDir() {
			continue
		}
		l := newLog(d, id)
		if l.segments, err = listSegments(l.path); err != nil {
			return nil, err
		}
		for _, s := range l.segments {
			l.count(s.size)
		}
		d.logs[id] = l
	}
	return d, d.shrink()
}

// suffix ends the names of logs' directories.
const suffix = ".log"

// IDs returns the ids of all logs that are there, in no order.
func (d *Dir) IDs() ([]string, error) {
	entries, err := os.ReadDir(d.cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("looking for logs: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, isLog := strings.CutSuffix(e.Name(), suffix); isLog {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Bytes is what all logs take on disk.
func (d *Dir) Bytes() int64 { return d.total.Load() }

// Write takes up the log of that id for writing, and makes it where there is none. A record that a crash left unfinished is
// cut off. It is for one writer, which calls Close at the end.
func (d *Dir) Write(id string) (*Log, error) {
	l := d.get(id, true)
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

// Read returns the log of that id for reading: an empty, finished one where there is none.
func (d *Dir) Read(id string) *Log { return d.get(id, false) }

func (d *Dir) get(id string, keep bool) *Log {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.logs[id]
	if l == nil {
		l = newLog(d, id)
		if keep {
			d.logs[id] = l
		}
	}
	return l
}

// Remove deletes a log, and says whether there was one: that there was none is no error. Its readers get what they have open,
// and end.
func (d *Dir) Remove(id string) (removed bool, err error) {
	l := d.get(id, false)
	d.mu.Lock()
	delete(d.logs, id)
	d.mu.Unlock()
	return l.remove()
}

// shrink drops the oldest segment of the largest log until all of them are within the bound.
func (d *Dir) shrink() error {
	if d.total.Load() <= d.cfg.TotalBytes {
		return nil
	}
	d.shrinking.Lock()
	defer d.shrinking.Unlock()
	var errs []error
	for d.total.Load() > d.cfg.TotalBytes {
		l := d.largest()
		if l == nil || l.bytes.Load() == 0 {
			break
		}
		if err := l.dropOldest(); err != nil { // else it would be tried for ever
			errs = append(errs, err)
			break
		}
	}
	return errors.Join(errs...)
}

func (d *Dir) largest() *Log {
	d.mu.Lock()
	defer d.mu.Unlock()
	var most *Log
	for _, l := range d.logs {
		if most == nil || l.bytes.Load() > most.bytes.Load() {
			most = l
		}
	}
	return most
}

func newLog(d *Dir, id string) *Log {
	return &Log{dir: d, path: filepath.Join(d.cfg.Path, id+suffix), finished: true, grown: make(chan struct{})}
}

// segmentBytes is how long a segment grows: a log loses so much at once, and is never shorter than its bound less that.
func (d *Dir) segmentBytes() int64 { return d.cfg.LogBytes / 8 }

// last returns the newest segment.
func last(segments []segment) (segment, bool) {
	if len(segments) == 0 {
		return segment{}, false
	}
	return segments[len(segments)-1], true
}

// without returns segments less the oldest. Readers have copies of the slice, which stay as they are.
func without(segments []segment) []segment { return slices.Clone(segments[1:]) }
