package manager

import (
	"context"
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
)

// changesCallers are the operations after which an answer of WhoAmI may promise too much: a key has ended, or may less. What
// gives more, such as a new key or a new member, need not be told: nobody believes an answer for long.
var changesCallers = map[string]bool{
	keyRevoke.name: true, keyRotate.name: true, trustDelete.name: true,
	memberUpdate.name: true, memberDelete.name: true, teamDelete.name: true,
}

// marks say what happened last.
type marks struct {
	// revocation is the id of the newest one that was announced since the start; 0 before the first.
	revocation int64
	// callers counts the changes of who may do what.
	callers uint64
}

// changes wakes those who wait for something to happen. What happened is in the store.
type changes struct {
	mu    sync.Mutex
	marks marks
	next  chan struct{} // closed and replaced at every change

	stopping context.Context
	stop     context.CancelFunc
}

func newChanges() *changes {
	c := &changes{next: make(chan struct{})}
	c.stopping, c.stop = context.WithCancel(context.Background())
	return c
}

// now returns the marks, and a channel that is closed when they change.
func (c *changes) now() (marks, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marks, c.next
}

// wait returns when the marks changed after now gave next, or with an error when ctx ends or secretsd stops.
func (c *changes) wait(ctx context.Context, next <-chan struct{}) error {
	select {
	case <-next:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stopping.Done():
		return errdefs.New(errdefs.Unavailable, "SECRETSD_STOPPING", "secretsd is being restarted: open the stream again")
	}
}

func (c *changes) revoked(id int64) { c.change(func(m *marks) { m.revocation = id }) }

func (c *changes) callersChanged() { c.change(func(m *marks) { m.callers++ }) }

func (c *changes) change(mark func(*marks)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mark(&c.marks)
	close(c.next)
	c.next = make(chan struct{})
}

// Drain ends the calls that wait for something to happen, with UNAVAILABLE (reason SECRETSD_STOPPING), so that a graceful
// stop need not wait for them.
func (m *Manager) Drain() { m.changes.stop() }
