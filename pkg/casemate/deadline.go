package casemate

import (
	"sync"
	"time"
)

// deadline is a net.Conn's, for reading or for writing. What waits when it is set is bound by it too.
type deadline struct {
	mu      sync.Mutex
	timer   *time.Timer   // nil: none runs
	expired chan struct{} // closed when it is over; replaced when another is set after that
}

func newDeadline() *deadline { return &deadline{expired: make(chan struct{})} }

// set sets another one; the zero time is none.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.expired // the timer is just closing it
	}
	d.timer = nil
	over := isClosed(d.expired)
	left := time.Until(t)
	if !t.IsZero() && left <= 0 {
		if !over {
			close(d.expired)
		}
		return
	}
	if over {
		d.expired = make(chan struct{})
	}
	if !t.IsZero() {
		expired := d.expired
		d.timer = time.AfterFunc(left, func() { close(expired) })
	}
}

// wait is closed when it is over.
func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.expired
}

func (d *deadline) over() bool { return isClosed(d.wait()) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
