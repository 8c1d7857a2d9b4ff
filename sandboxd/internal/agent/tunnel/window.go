package tunnel

import (
	"errors"
	"sync"
)

// incoming is what came and was not written yet: Window bytes at most, so that putting something there never waits.
type incoming struct {
	mu      sync.Mutex
	changed *sync.Cond
	pending []byte
	ended   bool  // no more comes
	err     error // why, when it ended badly
}

func newIncoming() *incoming {
	in := &incoming{}
	in.changed = sync.NewCond(&in.mu)
	return in
}

// put adds b; nothing is the end. It is false when the other end sends what it may not.
func (in *incoming) put(b []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended || len(in.pending)+len(b) > Window {
		return false
	}
	in.pending = append(in.pending, b...)
	in.ended = len(b) == 0
	in.changed.Broadcast()
	return true
}

// fail ends what comes with an error.
func (in *incoming) fail(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended, in.err = true, err
	in.changed.Broadcast()
}

func (in *incoming) hasEnded() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.ended
}

// take waits for more and returns all there is; nil at the end.
func (in *incoming) take() ([]byte, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.pending) == 0 && !in.ended {
		in.changed.Wait()
	}
	b := in.pending
	in.pending = nil
	return b, in.err
}

var errClosed = errors.New("closed")

// close ends a take that waits.
func (in *incoming) close() { in.fail(errClosed) }

// outgoing is how much may be sent.
type outgoing struct {
	mu      sync.Mutex
	changed *sync.Cond
	left    int // Window at most
	closed  bool
}

func newOutgoing() *outgoing {
	o := &outgoing{left: Window}
	o.changed = sync.NewCond(&o.mu)
	return o
}

// wait returns how much may be sent, at most most and at least 1; 0 when it is closed.
func (o *outgoing) wait(most int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.left == 0 && !o.closed {
		o.changed.Wait()
	}
	if o.closed {
		return 0
	}
	return min(o.left, most)
}

// take is told what was sent.
func (o *outgoing) take(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left -= n
}

// acknowledged is false when there is more than was sent.
func (o *outgoing) acknowledged(n int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if int64(o.left)+n > Window {
		return false
	}
	o.left += int(n)
	o.changed.Broadcast()
	return true
}

func (o *outgoing) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.changed.Broadcast()
}
