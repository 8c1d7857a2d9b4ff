package controller

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// live is a sandbox that is being made, runs or is stopping.
type live struct {
	// settled is closed when the creation has succeeded or was undone.
	settled chan struct{}
	// done is closed when nothing of the sandbox is left and its record says how it ended, or is gone.
	done chan struct{}

	// unwatched is closed when the keeper has begun to end it, or lets go of it: nothing is sent on changes any more.
	unwatched chan struct{}
	changes   chan func(*keeper)

	// Set by connect, before the state is Running.
	instance runtime.Instance
	activity *activity
	agent    *agent.Client // for callers: each call is a use of the sandbox
	own      *agent.Client // for the keeper: no call is

	log *mainlog.Log // set by the creation, before the state is Running; nil without a main process

	// story is what happened and is not recorded yet.
	story story
	// stopOrders counts the calls of Stop.
	stopOrders atomic.Int64

	mu   sync.Mutex
	sb   sandbox.Sandbox // as recorded
	stop *stopOrder      // nil until somebody wants it ended
	// revokedVersion is a version of the sandbox's that was revoked; empty when there is none.
	revokedVersion string
	// ordered is closed and replaced when stop changes.
	ordered chan struct{}
}

// stopOrder says how a sandbox is to be ended.
type stopOrder struct {
	reason string
	// killAt is when whatever still runs is killed.
	killAt time.Time
	grace  time.Duration
}

func newLive(sb sandbox.Sandbox) *live {
	return &live{
		sb: sb, settled: make(chan struct{}), done: make(chan struct{}), ordered: make(chan struct{}),
		unwatched: make(chan struct{}), changes: make(chan func(*keeper)),
	}
}

// connect makes instance the one that the sandbox runs in. Its clock for idleness starts.
func (s *live) connect(instance runtime.Instance, now func() time.Time) {
	s.instance, s.activity = instance, newActivity(now)
	s.agent, s.own = agent.NewClient(s.activity.dialer(instance.Dial)), agent.NewClient(instance.Dial)
}

// snapshot returns the sandbox as recorded.
func (s *live) snapshot() sandbox.Sandbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sb
}

// publish makes sb, which was recorded, what callers see.
func (s *live) publish(sb sandbox.Sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sb = sb
}

// orderStop asks the keeper to end the sandbox. The first order gives the reason; a later one can only shorten the grace.
func (s *live) orderStop(now time.Time, grace time.Duration, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	killAt := now.Add(grace)
	switch {
	case s.stop == nil:
		s.stop = &stopOrder{reason: reason, killAt: killAt, grace: grace}
	case killAt.Before(s.stop.killAt):
		s.stop = &stopOrder{reason: s.stop.reason, killAt: killAt, grace: grace}
	default:
		return
	}
	close(s.ordered)
	s.ordered = make(chan struct{})
}

// order returns the current stop order, if any, and a channel that is closed when it changes.
func (s *live) order() (*stopOrder, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop, s.ordered
}

// moved returns sb in another state, and an error for a move that the states do not allow, which would be a mistake here.
func moved(sb sandbox.Sandbox, to sandbox.State) (sandbox.Sandbox, error) {
	if !sb.State.CanMove(to) {
		return sb, fmt.Errorf("sandbox %s can't go from %s to %s", sb.ID, sb.State, to)
	}
	sb.State = to
	return sb, nil
}

func (c *Controller) addLive(s *live) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live[s.sb.ID] = s
}

func (c *Controller) dropLive(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.live[id]; s != nil && s.hasSecrets() {
		c.ended.add(id)
	}
	delete(c.live, id)
	c.places.release(id)
}

// findLive returns nil for a sandbox that is not live.
func (c *Controller) findLive(id string) *live {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live[id]
}
