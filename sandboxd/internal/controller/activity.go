package controller

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// activity knows whether something is being done in a sandbox, and since when nothing is: whatever callers do there has a connection
// to its agent for as long as it lasts. What only looks at the sandbox from outside has none, and neither has what runs inside by
// itself. It is safe for concurrent use.
type activity struct {
	now func() time.Time

	mu   sync.Mutex
	open int       // connections
	last time.Time // the last use began or ended
	over chan struct{}
}

// newActivity starts the clock.
func newActivity(now func() time.Time) *activity {
	return &activity{now: now, last: now(), over: make(chan struct{})}
}

// touch is a use that is over at once.
func (a *activity) touch() { a.begin()() }

// begin is a use that lasts until end is called, once.
func (a *activity) begin() (end func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.open--; a.open == 0 {
			a.last = a.now()
			close(a.over)
			a.over = make(chan struct{})
		}
	}
}

// idle returns since when nothing is done, or the zero time while something is, and a channel that is closed when the last use that
// is under way, or the next one, is over.
func (a *activity) idle() (since time.Time, over <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open > 0 {
		return time.Time{}, a.over
	}
	return a.last, a.over
}

// dialer makes each connection of dial a use.
func (a *activity) dialer(dial agent.Dialer) agent.Dialer {
	return func(ctx context.Context) (net.Conn, error) {
		end := a.begin()
		conn, err := dial(ctx)
		if err != nil {
			end()
			return nil, err
		}
		return &usedConn{Conn: conn, end: sync.OnceFunc(end)}, nil
	}
}

// usedConn ends a use when it is closed.
type usedConn struct {
	net.Conn

	end func()
}

// Close implements net.Conn.
func (c *usedConn) Close() error {
	defer c.end()
	return c.Conn.Close()
}

// idleExpireTime is when sb, which is s at some moment, ends unless it is used before; zero without an idle timeout, while it is used,
// and where it does not run.
func (s *live) idleExpireTime(sb sandbox.Sandbox) time.Time {
	if sb.State != sandbox.Running || sb.Spec.IdleTimeout == 0 {
		return time.Time{}
	}
	since, _ := s.activity.idle()
	if since.IsZero() {
		return time.Time{}
	}
	return since.Add(sb.Spec.IdleTimeout).UTC()
}

// shown is sb as callers are to see it: with what is not recorded of it.
func (c *Controller) shown(sb sandbox.Sandbox) sandbox.Sandbox {
	if s := c.findLive(sb.ID); s != nil {
		sb.IdleExpireTime = s.idleExpireTime(sb)
	}
	if sb.State == sandbox.Running && c.Network != nil {
		sb.Endpoints = c.Network.Endpoints(sb.Spec.Network.Ingress)
	}
	return sb
}
