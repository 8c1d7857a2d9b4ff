package controller

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const (
	// lastOutput is how long a sandbox's end waits for the rest of its log.
	lastOutput = time.Second
	// endTimeout bounds the removal of an ended sandbox, and each try to record its end.
	endTimeout = 30 * time.Second
	// recordAgain is how long a keeper waits before it tries again to record an end.
	recordAgain = time.Second
)

// ending is how a sandbox ends.
type ending struct {
	state    sandbox.State
	reason   string
	exitCode *int32
}

// startKeeper starts the goroutines of a running sandbox. They end with the sandbox, or when the controller is closed.
func (c *Controller) startKeeper(s *live) {
	k := &keeper{c: c, s: s, sb: s.snapshot(), mainExit: make(chan mainExit, 1), logged: make(chan struct{})}
	k.unwatch = sync.OnceFunc(func() { close(s.unwatched) })
	k.ctx, k.cancel = context.WithCancel(c.keeping)
	k.logger = c.Logger.With(zap.String(logging.KeySandbox, k.sb.ID), zap.String(logging.KeyTeam, k.sb.Team))
	if s.log == nil {
		close(k.logged)
	} else {
		c.keepers.Go(k.waitMain)
		c.keepers.Go(k.collectLog)
	}
	c.keepers.Go(k.keep)
}

// keeper watches one running sandbox and ends it. Nothing else moves it out of RUNNING.
type keeper struct {
	c      *Controller
	s      *live
	sb     sandbox.Sandbox
	logger *zap.Logger

	ctx    context.Context // of the calls to the agent
	cancel context.CancelFunc
	// unwatch says that watch takes no more changes.
	unwatch func()

	mainExit chan mainExit
	logged   chan struct{} // closed when the main process's output is on disk, or there is none
}

type mainExit struct {
	code int
	err  error
}

func (k *keeper) waitMain() {
	code, err := k.s.own.WaitMain(k.ctx)
	k.mainExit <- mainExit{code, err}
}

func (k *keeper) keep() {
	defer k.cancel()
	end, ok := k.watch()
	k.unwatch()
	if !ok {
		if k.s.log != nil {
			<-k.logged
			_ = k.s.log.Close()
		}
		return
	}
	k.finish(end)
}

// watch waits for what ends the sandbox first; false means that the controller lets go of it.
func (k *keeper) watch() (ending, bool) {
	lifetime := time.NewTimer(k.sb.ExpireTime.Sub(k.c.Now()))
	defer lifetime.Stop()
	for {
		order, ordered := k.s.order()
		if order != nil {
			k.unwatch()
			return k.stop()
		}
		idle, used := k.idle()
		select {
		case exit := <-k.mainExit:
			return k.mainEnded(exit)
		case <-k.s.instance.Done():
			return k.agentEnded(), true
		case <-lifetime.C:
			k.expire("max lifetime of %v reached", k.sb.Spec.MaxLifetime)
		case <-idle:
			if end := k.s.idleExpireTime(k.sb); !end.IsZero() && !end.After(k.c.Now()) {
				k.expire("idle: nothing was done in it for %v", k.sb.Spec.IdleTimeout)
			}
		case <-used:
		case change := <-k.s.changes:
			change(k)
			lifetime.Reset(k.sb.ExpireTime.Sub(k.c.Now()))
		case <-ordered:
		case <-k.c.keeping.Done():
			return ending{}, false
		}
	}
}

// idle returns a channel that speaks when the sandbox may have been idle for too long, nil where it can't be now, and one that is
// closed when a use of it is over, nil without an idle timeout.
func (k *keeper) idle() (<-chan time.Time, <-chan struct{}) {
	timeout := k.sb.Spec.IdleTimeout
	if timeout == 0 {
		return nil, nil
	}
	since, over := k.s.activity.idle()
	if since.IsZero() {
		return nil, over
	}
	return time.After(since.Add(timeout).Sub(k.c.Now())), over
}

// expire orders the end of a sandbox whose time is over.
func (k *keeper) expire(reason string, after time.Duration) {
	k.s.orderStop(k.c.Now(), k.sb.Spec.Grace(), fmt.Sprintf(reason, after.Round(time.Millisecond)))
}

func (k *keeper) mainEnded(exit mainExit) (ending, bool) {
	if exit.err == nil {
		return ending{state: sandbox.Completed, exitCode: exitCode(exit.code)}, true
	}
	if k.c.keeping.Err() != nil {
		return ending{}, false
	}
	// The agent hung up or talks nonsense. If it died, the instance says so in a moment; else it can't be trusted.
	select {
	case <-k.s.instance.Done():
		return k.agentEnded(), true
	case <-time.After(lastOutput):
		k.logger.Warn("a sandbox's agent does not answer", zap.Error(exit.err))
		return ending{state: sandbox.Failed, reason: "the sandbox's agent stopped answering"}, true
	}
}

// agentEnded tells of a sandbox whose agent, and with it everything, is gone. finish adds whether memory was the reason.
func (k *keeper) agentEnded() ending {
	return ending{state: sandbox.Failed, reason: k.c.agentEndReason(k.sb.ID)}
}
