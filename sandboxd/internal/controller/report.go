package controller

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/sandboxd/internal/resolve"
)

const (
	// reportPause is the time between two reports, so that ends that come together go together.
	reportPause = 200 * time.Millisecond
	// reportAgain is the time after a report that failed.
	reportAgain = time.Second
)

// endings are the sandboxes that ended and secretsd does not know it. They are in memory only: after a restart, the report of
// what runs (reportRunning) says the same.
type endings struct {
	mu   sync.Mutex
	ids  map[string]bool
	wake chan struct{} // holds a token when there is something new
}

func newEndings() *endings { return &endings{ids: map[string]bool{}, wake: make(chan struct{}, 1)} }

func (e *endings) add(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ids[id] = true
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// some returns as many as one report takes.
func (e *endings) some() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	ids := make([]string, 0, min(len(e.ids), resolve.MaxReported))
	for id := range e.ids {
		if len(ids) == resolve.MaxReported {
			break
		}
		ids = append(ids, id)
	}
	return ids
}

func (e *endings) remove(ids []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		delete(e.ids, id)
	}
}

// reportLoop reports ends as they come, until ctx ends.
func (c *Controller) reportLoop(ctx context.Context) {
	for {
		select {
		case <-c.ended.wake:
		case <-ctx.Done():
			return
		}
		for failed, more := false, true; more; {
			var err error
			pause := reportPause
			if more, err = c.ReportEnded(ctx); err != nil {
				if !failed && ctx.Err() == nil { // one line is enough for a secretsd that is away
					c.Logger.Warn("ended sandboxes can't be reported to secretsd; trying again until it takes them", zap.Error(err))
				}
				failed, pause = true, reportAgain
			}
			if !sleep(ctx, pause) {
				return
			}
		}
	}
}

// ReportEnded reports ends that secretsd does not know of, and says whether there are more.
func (c *Controller) ReportEnded(ctx context.Context) (more bool, err error) {
	ids := c.ended.some()
	if len(ids) == 0 {
		return false, nil
	}
	if err := c.Secrets.ReportSandboxes(ctx, resolve.Report{Ended: ids}); err != nil {
		return true, err
	}
	c.ended.remove(ids)
	return len(ids) == resolve.MaxReported, nil
}

// reportRunning tells secretsd what there is, after it said how far its own knowledge goes: whatever else it knows of has
// ended, while nobody could tell.
func (c *Controller) reportRunning(ctx context.Context, asOf int64) error {
	if asOf == 0 {
		return nil
	}
	c.mu.Lock()
	var running []string
	for id, s := range c.live {
		if s.hasSecrets() {
			running = append(running, id)
		}
	}
	c.mu.Unlock()
	return c.Secrets.ReportSandboxes(ctx, resolve.Report{AsOf: asOf, Running: running})
}

func (s *live) hasSecrets() bool { return len(s.snapshot().Spec.Secrets) > 0 }
