package controller

import (
	"context"
	"errors"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// maxStopOrdersTold is how many orders to stop one sandbox are events: who repeats his does not push out how it came and ended.
const maxStopOrdersTold = 16

// Stop ends a sandbox: SIGTERM to its main process, SIGKILL to everything after grace, nil for the sandbox's own, at most
// sandbox.MaxStopGrace. Without a main process it ends at once. Stop returns when nothing of it is left; when ctx ends first, the stopping goes on. A sandbox that has ended is
// returned as it is.
func (c *Controller) Stop(ctx context.Context, caller identity.Caller, ref Ref, grace *time.Duration) (sandbox.Sandbox, error) {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil || s == nil {
		return sb, err
	}
	if grace == nil {
		own := sb.Spec.Grace()
		grace = &own
	} else if err := sandbox.CheckGrace("grace_period", *grace); err != nil {
		return sandbox.Sandbox{}, err
	}
	if s.stopOrders.Add(1) <= maxStopOrdersTold {
		c.note(s, sandbox.EventStopOrdered, caller.UserID, "grace "+grace.String())
	}
	if err := c.stopAndWait(ctx, s, *grace, "stopped by "+caller.UserID); err != nil {
		return sandbox.Sandbox{}, err
	}
	// From the store: a creation that failed meanwhile leaves no record, and that is the answer then.
	if sb, err = c.Store.Get(ctx, sb.ID); err == nil && !sb.State.Ended() {
		return sandbox.Sandbox{}, errStopping() // its end could not be recorded before sandboxd's own; the next one does it
	}
	return sb, err
}

// Delete ends a sandbox at once and removes its record and its log. The error is NotFound (SANDBOX_NOT_FOUND).
func (c *Controller) Delete(ctx context.Context, caller identity.Caller, ref Ref) error {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil {
		return err
	}
	if s != nil {
		if err := c.stopAndWait(ctx, s, 0, "deleted by "+caller.UserID); err != nil {
			return err
		}
	}
	if _, err := c.MainLogs.Remove(sb.ID); err != nil { // first: without its record it would be a stray one
		return err
	}
	return c.Store.Delete(ctx, sb.ID)
}

// stopAndWait orders the end of a sandbox and waits for it. One that is being made is let become RUNNING first.
func (c *Controller) stopAndWait(ctx context.Context, s *live, grace time.Duration, reason string) error {
	s.orderStop(c.Now(), grace, reason)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errLetGo ends the steps of a stop when the controller is closed: the next one goes on with it.
var errLetGo = errors.New("sandboxd is stopping")

// stop carries out the stop order; false means that the controller lets go of the sandbox. How the sandbox ends is known
// then, and finish must follow.
func (k *keeper) stop() (ending, bool) {
	order, _ := k.s.order()
	end := ending{state: sandbox.Completed, reason: order.reason}
	failed, _ := k.c.work("stop", k.sb.ID).run(context.Background(), []step{
		{name: "recording the stop", do: k.recordStopping},
		{name: "asking main process to end", done: k.withoutMain, do: k.terminateMain},
		{name: "waiting for main process", done: k.withoutMain, do: func(context.Context) error { return k.waitGrace(&end) }},
	})
	return end, failed == nil
}

// finish ends the sandbox, whatever the reason: an ended sandbox has nothing left on the host, and then its record says
// so. An end is never taken back: a step that fails says so in the log, and the next is taken.
func (k *keeper) finish(end ending) {
	_, _ = k.c.work("end", k.sb.ID).run(context.Background(), []step{
		{name: "collecting last output", do: k.awaitLog},
		{name: "removing sandbox", do: k.remove},
		{name: "asking why it ended", do: func(context.Context) error { end = k.explain(end); return nil }},
		{name: "closing log", do: k.closeLog},
		{name: "recording the end", do: func(context.Context) error { k.recordEnd(end); return nil }},
	})
	k.c.dropLive(k.sb.ID)
	close(k.s.done)
	k.logger.Info("sandbox ended", zap.String("state", string(end.state)), zap.String("reason", end.reason), zap.Int32p("exit_code", end.exitCode))
}

func (k *keeper) withoutMain() bool { return k.s.log == nil }

func (k *keeper) recordStopping(context.Context) error {
	sb, err := moved(k.sb, sandbox.Stopping)
	if err != nil {
		return nil // it was stopping before a restart
	}
	order, _ := k.s.order()
	sb.Reason = order.reason
	k.c.note(k.s, sandbox.EventStopping, "", order.reason)
	if err := k.update(sb); err != nil {
		k.logger.Error("stopping sandbox can't be recorded; it is stopped all the same", zap.Error(err))
		return nil
	}
	k.sb = sb
	k.s.publish(sb)
	return nil
}

func (k *keeper) terminateMain(context.Context) error {
	if err := k.signalMain(syscall.SIGTERM); err != nil {
		k.logger.Info("stopping sandbox takes no signal", zap.Error(err))
	}
	return nil
}

// waitGrace waits until the main process, or everything, has ended, and kills it when the grace is over. It adds the exit
// code to end.
func (k *keeper) waitGrace(end *ending) error {
	for {
		order, ordered := k.s.order()
		grace := time.NewTimer(order.killAt.Sub(k.c.Now()))
		select {
		case exit := <-k.mainExit:
			grace.Stop()
			if exit.err == nil {
				end.exitCode = exitCode(exit.code)
				return nil
			}
			if k.c.keeping.Err() != nil {
				return errLetGo
			}
			return nil
		case <-k.s.instance.Done():
			grace.Stop()
			return nil
		case <-grace.C:
			end.exitCode = k.killMain()
			return nil
		case <-ordered:
			grace.Stop()
		case <-k.c.keeping.Done():
			grace.Stop()
			return errLetGo
		}
	}
}

// killMain ends the main process by SIGKILL first, so that its exit and its last output are seen before everything goes.
func (k *keeper) killMain() *int32 {
	if err := k.signalMain(syscall.SIGKILL); err == nil {
		select {
		case exit := <-k.mainExit:
			if exit.err == nil {
				return exitCode(exit.code)
			}
		case <-time.After(lastOutput):
		}
	}
	return exitCode(128 + int(syscall.SIGKILL)) // what the removal does to it
}

func (k *keeper) signalMain(sig syscall.Signal) error {
	ctx, cancel := context.WithTimeout(k.c.keeping, lastOutput)
	defer cancel()
	return k.s.own.SignalMain(ctx, int(sig))
}

func (k *keeper) awaitLog(context.Context) error {
	select {
	case <-k.logged:
	case <-time.After(lastOutput):
	}
	return nil
}

func (k *keeper) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	if err := k.c.removeFromHost(ctx, k.c.runtimes[k.sb.Runtime], k.sb.ID); err != nil {
		k.logger.Error("an ended sandbox can't be removed; the reaper tries again", zap.Error(err))
	}
	return nil
}

func (k *keeper) closeLog(context.Context) error {
	k.cancel()
	<-k.logged
	if k.s.log != nil {
		_ = k.s.log.Close()
	}
	return nil
}

// recordEnd tries until it succeeds: a record that says RUNNING of what is gone would mislead for an hour. When sandboxd is
// stopped meanwhile, its next start finds out.
func (k *keeper) recordEnd(end ending) {
	sb, err := moved(k.sb, end.state)
	if err != nil {
		k.logger.Error("an end that can't be", zap.Error(err))
		return
	}
	sb.Reason, sb.ExitCode, sb.EndTime = end.reason, end.exitCode, k.c.Now().UTC()
	k.c.note(k.s, sandbox.EventEnded, "", howEnded(end))
	for {
		err := k.update(sb)
		if err == nil {
			k.s.publish(sb)
			return
		}
		k.logger.Error("a sandbox's end can't be recorded; trying again", zap.Error(err))
		select {
		case <-time.After(recordAgain):
		case <-k.c.keeping.Done():
			return
		}
	}
}

func (k *keeper) update(sb sandbox.Sandbox, with ...sandbox.Event) error {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	return k.c.update(ctx, k.s, sb, with...)
}
