package server

import (
	"sort"
	"sync"
	"time"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

const (
	logRingSize = 1 << 20
	// logRingRecords bounds what a flood of tiny pieces of output costs beyond their bytes.
	logRingRecords = 8 << 10
	// readerPatience is how long output waits for a reader before it pushes out what that reader has not got.
	readerPatience = time.Second
)

// logRing keeps the newest output of the main process.
type logRing struct {
	size int

	mu      sync.Mutex
	records []*agentv1.LogRecord // immutable, in order
	bytes   int                  // in records
	next    uint64               // offset of the next record
	ended   bool
	readers map[*logReader]bool
	first   *logReader    // stands for the first reader until it comes: output that outruns it waits as for any other
	added   chan struct{} // closed and replaced when there is more to read
	taken   chan struct{} // closed and replaced when a reader got on
}

// logReader is a reader's place in a logRing; guarded by the ring.
type logReader struct {
	at      uint64 // offset of what it will get next
	lagging bool   // it was waited for in vain, and has not moved since
}

func newLogRing(size int) *logRing {
	first := &logReader{}
	return &logRing{
		size: size, first: first, readers: map[*logReader]bool{first: true},
		added: make(chan struct{}), taken: make(chan struct{}),
	}
}

// append adds a copy of b. It waits a while for readers that would lose something by it.
func (l *logRing) append(stream agentv1.Stream, b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(b) > 0 {
		n := min(len(b), 2*frame.MaxChunk)
		for l.bytes+n > l.size || len(l.records) >= logRingRecords {
			first := l.records[0]
			if l.waitForReaders(first.Offset + uint64(len(first.Data))) {
				continue // the ring may be another one by now
			}
			l.bytes -= len(first.Data)
			l.records[0] = nil
			l.records = l.records[1:]
		}
		l.records = append(l.records, &agentv1.LogRecord{
			Offset: l.next, TimeUnixNs: time.Now().UnixNano(), Stream: stream, Data: append([]byte(nil), b[:n]...),
		})
		l.bytes += n
		l.next += uint64(n)
		wake(&l.added)
		b = b[n:]
	}
}

// end says that no more will come.
func (l *logRing) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	wake(&l.added)
}

// waitForReaders waits until a reader has moved, if there is one that has not got everything before offset. It
// unlocks l meanwhile. It is false when there is nobody to wait for.
func (l *logRing) waitForReaders(offset uint64) bool {
	if !l.behind(offset, func(*logReader) {}) {
		return false
	}
	taken := l.taken
	l.mu.Unlock()
	patience := time.NewTimer(readerPatience)
	select {
	case <-taken:
		patience.Stop()
		l.mu.Lock()
	case <-patience.C:
		l.mu.Lock()
		l.behind(offset, func(r *logReader) { r.lagging = true })
	}
	return true
}

// behind calls f for each reader that is worth waiting for and has not got everything before offset.
func (l *logRing) behind(offset uint64, f func(*logReader)) bool {
	any := false
	for r := range l.readers {
		if r.at < offset && !r.lagging {
			any = true
			f(r)
		}
	}
	return any
}

// wake closes *c, so that who waits for it goes on, and makes a new one.
func wake(c *chan struct{}) {
	close(*c)
	*c = make(chan struct{})
}

func (l *logRing) open(offset uint64) *logReader {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &logReader{at: offset}
	l.readers[r] = true
	delete(l.readers, l.first)
	return r
}

func (l *logRing) close(r *logReader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.readers, r)
	wake(&l.taken)
}

// get returns what r reads next. When there is nothing, it is nil, and ended says whether that is the end; until then, more
// is closed when there is something.
func (l *logRing) get(r *logReader) (rec *agentv1.LogRecord, ended bool, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := sort.Search(len(l.records), func(i int) bool {
		return l.records[i].Offset+uint64(len(l.records[i].Data)) > r.at
	})
	if i == len(l.records) {
		return nil, l.ended, l.added
	}
	rec = l.records[i]
	if rec.Offset < r.at { // begin in the middle of it
		rec = &agentv1.LogRecord{Offset: r.at, TimeUnixNs: rec.TimeUnixNs, Stream: rec.Stream, Data: rec.Data[r.at-rec.Offset:]}
	}
	return rec, false, nil
}

// took says that r has got rec.
func (l *logRing) took(r *logReader, rec *agentv1.LogRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.at, r.lagging = rec.Offset+uint64(len(rec.Data)), false
	wake(&l.taken)
}

// logs answers a Logs call.
func (s *Server) logs(c *call, offset uint64) {
	c.answer(&agentv1.Response{}, nil)
	if c.follow(s.log, offset) {
		_ = c.output(frame.Log, make([]byte, frame.HeaderSize))
	}
}

// follow sends what is in the ring from offset on, and what comes, until the ring's end, which it returns, or until the
// caller has hung up. Nobody else may read from the call.
func (c *call) follow(ring *logRing, offset uint64) (ended bool) {
	gone := c.hungUp()
	r := ring.open(offset)
	defer ring.close(r)
	for {
		rec, ended, more := ring.get(r)
		switch {
		case rec != nil:
			if c.send(frame.Log, rec) != nil {
				return false
			}
			ring.took(r, rec)
		case ended:
			return true
		default:
			select {
			case <-more:
			case <-gone:
				return false
			}
		}
	}
}
