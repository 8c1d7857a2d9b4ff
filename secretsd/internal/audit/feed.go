package audit

import "sync"

// Feed tells those who wait that the log has grown. The zero value works.
type Feed struct {
	mu sync.Mutex
	// grown is closed at the next growth; nil while nobody waits.
	grown chan struct{}
	// closed is set when nothing more will come.
	closed bool
}

// Grown returns a channel that is closed when entries are added after the call. Who reads the log after the call, and then
// waits for the channel, misses none.
func (f *Feed) Grown() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.grown == nil {
		f.grown = make(chan struct{})
	}
	grown := f.grown
	if f.closed {
		f.wake()
	}
	return grown
}

// Close wakes all who wait, for the last time: Grown returns closed channels from now on.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.wake()
}

// Closed says whether Close was called.
func (f *Feed) Closed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// Notify says that entries were added. It never waits.
func (f *Feed) Notify() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wake()
}

func (f *Feed) wake() {
	if f.grown != nil {
		close(f.grown)
		f.grown = nil
	}
}
