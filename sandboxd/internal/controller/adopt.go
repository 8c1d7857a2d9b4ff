package controller

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Reconcile brings records and reality together after a start of sandboxd: what runs is kept again, what was being made is
// undone, what is gone is recorded as lost, and what has no record or no use any more is removed. Call it once, before
// serving. Nothing is undone when it fails: the next start does it all again, and finds done what was.
func (c *Controller) Reconcile(ctx context.Context) error {
	failed, _ := c.work("reconcile", "").run(ctx, []step{
		{name: "comparing boot ids", do: c.askBoot},
		{name: "adopting sandboxes", do: c.adoptAll},
		{name: "noting boot id", do: c.noteBoot},
		{name: "recording adoptions", do: c.recordAdoptions},
		{name: "removing leftovers", do: c.removeLeftovers},
		{name: "restoring network", do: c.restoreNetwork},
		{name: "removing stray logs", do: c.removeStrayLogs},
		{name: "collecting images", do: c.collectImages},
	})
	return failed
}

func (c *Controller) adoptAll(ctx context.Context) error {
	active, err := c.Store.Active(ctx)
	if err != nil {
		return err
	}
	for _, sb := range active {
		if err := c.adopt(ctx, sb); err != nil {
			return fmt.Errorf("sandbox %s: %w", sb.ID, err)
		}
	}
	return nil
}

// adoption takes up one sandbox that the records say has not ended.
type adoption struct {
	c        *Controller
	s        *live
	sb       sandbox.Sandbox
	logger   *zap.Logger
	instance runtime.Instance // nil: its agent does not run any more
}

func (c *Controller) adopt(ctx context.Context, sb sandbox.Sandbox) error {
	a := &adoption{
		c: c, s: newLive(sb), sb: sb,
		logger: c.Logger.With(zap.String(logging.KeySandbox, sb.ID), zap.String(logging.KeyTeam, sb.Team)),
	}
	failed, _ := c.work("adopt", sb.ID).run(ctx, []step{
		{name: "looking for its agent", done: a.halfMade, do: a.find},
		{name: "taking it up", do: a.takeUp},
	})
	return failed
}

// takeUp goes one of three ways, by what became of the sandbox while sandboxd was away. Of those that are not kept, what
// is left on the host goes with the leftovers.
func (a *adoption) takeUp(ctx context.Context) error {
	var steps []step
	switch {
	case a.halfMade():
		steps = []step{
			{name: "forgetting a half-made sandbox", do: a.forget},
		}
	case a.instance == nil:
		steps = []step{
			{name: "recording a lost sandbox", do: a.recordLost},
		}
	default:
		steps = []step{
			{name: "opening log", done: a.withoutMain, do: a.openLog},
			{name: "going on with its stop", done: a.notStopping, do: a.orderStop},
			{name: "keeping sandbox", do: a.keep},
		}
	}
	failed, _ := a.c.work("take up", a.sb.ID).run(ctx, steps)
	return failed
}

func (a *adoption) halfMade() bool    { return a.sb.State == sandbox.Creating }
func (a *adoption) withoutMain() bool { return len(a.sb.Spec.Command) == 0 }
func (a *adoption) notStopping() bool { return a.sb.State != sandbox.Stopping }

func (a *adoption) find(ctx context.Context) error {
	rt, ok := a.c.runtimes[a.sb.Runtime]
	if !ok {
		return fmt.Errorf("it runs on runtime %q, which is not configured any more: allow it, or remove the sandbox by hand", a.sb.Runtime)
	}
	instance, err := rt.Load(ctx, a.sb.ID)
	switch {
	case errdefs.KindOf(err) == errdefs.NotFound:
		return nil
	case err != nil:
		return err
	}
	a.instance = instance
	return nil
}

// forget removes the record of a sandbox that was being made. Whoever asked for it got no answer.
func (a *adoption) forget(ctx context.Context) error {
	a.logger.Info("undoing a creation that sandboxd's stop interrupted")
	a.c.note(a.s, sandbox.EventUndone, "", "sandboxd was stopped while it was being made")
	return a.c.Store.Forget(ctx, a.sb, a.s.story.take()...)
}

func (a *adoption) recordLost(ctx context.Context) error {
	a.logger.Warn("a sandbox was lost while sandboxd was down")
	sb := a.sb
	if sb.State == sandbox.Stopping {
		sb.State = sandbox.Completed // it was to end, and did; its reason stands
	} else {
		sb.State, sb.Reason = sandbox.Failed, a.c.lostReason()
	}
	sb.EndTime = a.c.Now().UTC()
	a.c.note(a.s, sandbox.EventLost, "", "")
	a.c.note(a.s, sandbox.EventEnded, "", howEnded(ending{state: sb.State, reason: sb.Reason}))
	return a.c.update(ctx, a.s, sb)
}

func (a *adoption) openLog(context.Context) (err error) {
	a.s.log, err = a.c.MainLogs.Write(a.sb.ID)
	return err
}

func (a *adoption) orderStop(context.Context) error {
	a.s.orderStop(a.c.Now(), 0, a.sb.Reason)
	return nil
}

func (a *adoption) keep(context.Context) error {
	a.logger.Info("sandbox runs on")
	a.s.connect(a.instance, a.c.Now)
	a.c.places.take(a.sb)
	a.c.note(a.s, sandbox.EventAdopted, "", "")
	a.c.addLive(a.s)
	a.c.startKeeper(a.s)
	close(a.s.settled)
	return nil
}
