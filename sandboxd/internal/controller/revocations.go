package controller

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// ReasonRevoked starts the reason of a sandbox that was ended because it held a revoked version, and is that of the error of
// one that was being made.
const ReasonRevoked = "SECRET_REVOKED"

const (
	// A watch that ended is opened again after firstWatchPause, and after longer each time that it can't be, up to
	// lastWatchPause. While secretsd can't be reached at all, opening waits for it and needs no pause.
	firstWatchPause = 100 * time.Millisecond
	lastWatchPause  = 5 * time.Second
)

// FollowSecretsd keeps up with secretsd until ctx ends: it ends sandboxes that hold revoked versions, and reports those that
// have ended. Both survive a loss of the connection and restarts of either daemon: secretsd names anew what it has not heard
// the end of, and when a watch is opened it hears of all that is there.
func (c *Controller) FollowSecretsd(ctx context.Context) {
	c.keepers.Go(func() { c.reportLoop(ctx) })
	pause := firstWatchPause
	for {
		err := c.Secrets.WatchRevocations(ctx, resolve.Watch{
			Opened: func(asOf int64) error {
				pause = firstWatchPause
				return c.reportRunning(ctx, asOf)
			},
			Revoked: c.revoked,
		})
		if ctx.Err() != nil {
			return
		}
		c.Logger.Warn("secretsd can't be watched for revocations; trying again", zap.Duration("in", pause), zap.Error(err))
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, lastWatchPause)
	}
}

// sleep returns false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// revoked orders the end of sandboxes, without a grace: who may not have the value any more gets no time to use it. One that
// is being made does not come to RUNNING, unless it has its values already.
func (c *Controller) revoked(version string, ids []string) {
	for _, id := range ids {
		s := c.findLive(id)
		if s == nil {
			continue // it has ended, and its report is on the way
		}
		c.Logger.Info("ending a sandbox that holds a revoked secret", zap.String(logging.KeySandbox, id), zap.String("version", version))
		c.note(s, sandbox.EventRevoked, "", version)
		s.revoke(version)
		s.orderStop(c.Now(), 0, revokedReason(version))
	}
}

func revokedReason(version string) string { return ReasonRevoked + ": " + version + " was revoked" }

// revoke notes that the sandbox may not get its values any more.
func (s *live) revoke(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revokedVersion = version
}

// errRevoked is nil unless a version of the sandbox's was revoked: FailedPrecondition (SECRET_REVOKED).
func (s *live) errRevoked() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revokedVersion == "" {
		return nil
	}
	return errdefs.New(errdefs.FailedPrecondition, ReasonRevoked, "%s was revoked while the sandbox was being made", s.revokedVersion)
}
