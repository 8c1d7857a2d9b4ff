package controller

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// DefaultAgentSilence is how long a sandbox's agent may not answer before the sandbox is ended.
const DefaultAgentSilence = 5 * time.Minute

const (
	// probeTimeout is how long an agent may take for a sign of life.
	probeTimeout = 5 * time.Second
	// probesAtOnce bounds how many agents are asked at one time: those that do not answer must not hold up a pass.
	probesAtOnce = 256
)

// damage is what is known of running sandboxes of which something is gone.
type damage struct {
	mu sync.Mutex
	// silent are those whose agent does not answer, since when.
	silent map[string]time.Time
	// unlinked are those whose link is gone.
	unlinked map[string]bool
	// givenUp are those that are ended for it, with the reason.
	givenUp map[string]string
}

func newDamage() *damage {
	return &damage{silent: map[string]time.Time{}, unlinked: map[string]bool{}, givenUp: map[string]string{}}
}

// checkSandboxes looks for running sandboxes of which something is gone. An agent that has died is no matter of this: its
// keeper sees it at once.
func (c *Controller) checkSandboxes(ctx context.Context) error {
	running := slices.DeleteFunc(c.allLive(), func(s *live) bool { return s.snapshot().State != sandbox.Running })
	c.probe(ctx, running)
	err := c.checkLinks(running)
	c.damage.forget(func(id string) bool { return c.findLive(id) == nil })
	silent, unlinked := c.damage.count()
	c.metrics.damaged.WithLabelValues("agent").Set(float64(silent))
	c.metrics.damaged.WithLabelValues("link").Set(float64(unlinked))
	return err
}

// probe asks every agent for a sign of life. One that has none may be stopped, or short of cpu or memory, and come back: its
// sandbox is ended only when that lasts, since everything in it may be running on.
func (c *Controller) probe(ctx context.Context, running []*live) {
	var group errgroup.Group
	group.SetLimit(probesAtOnce)
	for _, s := range running {
		group.Go(func() error {
			asking, cancel := context.WithTimeout(ctx, min(probeTimeout, c.AgentSilence))
			defer cancel()
			err := s.own.Ping(asking) // our own question is no use of the sandbox: every minute, it would keep every idle one alive
			select {
			case <-s.instance.Done(): // dead, and not silent
				return nil
			default:
			}
			if ctx.Err() == nil {
				c.heard(ctx, s, err)
			}
			return nil
		})
	}
	_ = group.Wait()
}

// heard notes whether an agent answered. It ends the sandbox of one that has not for too long: by removing it from the host,
// after which its keeper finds the agent dead and records why.
func (c *Controller) heard(ctx context.Context, s *live, err error) {
	sb := s.snapshot()
	logger := c.Logger.With(zap.String(logging.KeySandbox, sb.ID), zap.String(logging.KeyTeam, sb.Team))
	since, news := c.damage.noteAgent(sb.ID, err == nil, c.Now())
	silence := c.Now().Sub(since)
	switch {
	case err == nil && news:
		logger.Info("a sandbox's agent answers again")
	case err == nil:
	case silence < c.AgentSilence:
		if news {
			logger.Warn("a sandbox's agent lives and does not answer; the sandbox is ended if that lasts", zap.Duration("for", c.AgentSilence), zap.Error(err))
		}
	default:
		logger.Error("a sandbox is ended, since its agent does not answer", zap.Duration("silence", silence), zap.Error(err))
		c.damage.giveUp(sb.ID, fmt.Sprintf("the sandbox's agent did not answer for %v", c.AgentSilence))
		ctx, cancel := context.WithTimeout(ctx, endTimeout)
		defer cancel()
		if err := c.removeFromHost(ctx, c.runtimes[sb.Runtime], sb.ID); err != nil {
			logger.Error("a sandbox that does not answer can't be removed; the next pass of the reaper tries again", zap.Error(err))
		}
	}
}

// agentEndReason is the reason of a sandbox whose agent has ended before it was to.
func (c *Controller) agentEndReason(id string) string {
	c.damage.mu.Lock()
	defer c.damage.mu.Unlock()
	if reason := c.damage.givenUp[id]; reason != "" {
		return reason
	}
	return "the sandbox's agent ended unexpectedly"
}

// checkLinks notes sandboxes that have lost their link to the network. They run on without: a link can't be put back, and
// what they do may be worth more than that.
func (c *Controller) checkLinks(running []*live) error {
	if c.Network == nil {
		return nil
	}
	linked, err := c.Network.Linked()
	if err != nil {
		return err
	}
	for _, s := range running {
		sb := s.snapshot()
		if sb.Spec.Network.Mode != sandbox.NetworkInternet || linked[sb.ID] || sb.State != sandbox.Running {
			continue
		}
		if !c.runtimes[sb.Runtime].Needs().Link { // it never had one here
			continue
		}
		select {
		case <-s.instance.Done(): // its link goes with it
			continue
		default:
		}
		if c.damage.noteLink(sb.ID) {
			c.Logger.Error("somebody removed a sandbox's network link; it runs on without a network",
				zap.String(logging.KeySandbox, sb.ID), zap.String(logging.KeyTeam, sb.Team))
		}
	}
	return nil
}

// noteAgent returns since when the agent has been silent, and whether that, or that it is not any more, is news.
func (d *damage) noteAgent(id string, answers bool, now time.Time) (since time.Time, news bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since, was := d.silent[id]
	switch {
	case answers:
		delete(d.silent, id)
		return now, was
	case !was:
		d.silent[id] = now
		return now, true
	}
	return since, false
}

func (d *damage) noteLink(id string) (news bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	news = !d.unlinked[id]
	d.unlinked[id] = true
	return news
}

func (d *damage) giveUp(id, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.givenUp[id] = reason
}

// forget drops what is known of sandboxes that have ended.
func (d *damage) forget(ended func(id string) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.silent, func(id string, _ time.Time) bool { return ended(id) })
	maps.DeleteFunc(d.unlinked, func(id string, _ bool) bool { return ended(id) })
	maps.DeleteFunc(d.givenUp, func(id, _ string) bool { return ended(id) })
}

func (d *damage) count() (silent, unlinked int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.silent), len(d.unlinked)
}
