package controller

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// stop carries out the stop order: SIGTERM to the main process, then the end. Without a main process there is nobody who
// could use the grace.
func (k *keeper) stop() (ending, bool) {
	order, _ := k.s.order()
	if sb, err := moved(k.sb, sandbox.Stopping); err == nil {
		sb.Reason = order.reason
		if err := k.update(sb); err != nil {
			k.logger.Error("stopping sandbox can't be recorded; it is stopped all the same", zap.Error(err))
		} else {
			k.sb = sb
			k.s.publish(sb)
		}
	}
	end := ending{state: sandbox.Completed, reason: order.reason}
	if k.s.log == nil {
		return end, true
	}
	if err := k.signalMain(syscall.SIGTERM); err != nil {
		k.logger.Info("stopping sandbox takes no signal", zap.Error(err))
	}
	for {
		order, ordered := k.s.order()
		kill := time.NewTimer(order.killAt.Sub(k.c.Now()))
		select {
		case exit := <-k.mainExit:
			kill.Stop()
			if exit.err == nil {
				end.exitCode = exitCode(exit.code)
			}
			return end, k.c.keeping.Err() == nil || exit.err == nil
		case <-k.s.instance.Done():
			kill.Stop()
			return end, true
		case <-kill.C:
			return k.kill(end), true
		case <-ordered:
			kill.Stop()
		case <-k.c.keeping.Done():
			kill.Stop()
			return ending{}, false
		}
	}
}

// kill ends the main process by SIGKILL first, so that its exit and its last output are seen before everything goes.
func (k *keeper) kill(end ending) ending {
	if err := k.signalMain(syscall.SIGKILL); err == nil {
		select {
		case exit := <-k.mainExit:
			if exit.err == nil {
				end.exitCode = exitCode(exit.code)
				return end
			}
		case <-time.After(lastOutput):
		}
	}
	end.exitCode = exitCode(128 + int(syscall.SIGKILL)) // what the removal does to it
	return end
}

func (k *keeper) signalMain(sig syscall.Signal) error {
	ctx, cancel := context.WithTimeout(k.c.keeping, lastOutput)
	defer cancel()
	return k.s.agent.SignalMain(ctx, int(sig))
}

// finish removes everything of the sandbox and then records its end: an ended sandbox has nothing left on the host.
func (k *keeper) finish(end ending) {
	select {
	case <-k.logged:
	case <-time.After(lastOutput):
	}
	k.remove()
	if k.ended().OOMKilled {
		end = end.outOfMemory(k.sb.Spec.Resources.MemoryBytes)
	}
	k.cancel()
	<-k.logged
	if k.s.log != nil {
		_ = k.s.log.Close()
	}
	k.recordEnd(end)
	k.c.dropLive(k.sb.ID)
	close(k.s.done)
	k.logger.Info("sandbox ended", zap.String("state", string(end.state)), zap.String("reason", end.reason), zap.Int32p("exit_code", end.exitCode))
}

// ended is what the runtime knows of the end, once the sandbox is gone.
func (k *keeper) ended() runtime.Ended {
	select {
	case <-k.s.instance.Done():
		return k.s.instance.Ended()
	case <-time.After(lastOutput): // it could not be removed
		return runtime.Ended{}
	}
}

// outOfMemory adds to an ending that the kernel killed for want of memory, where that explains it: a main process that
// lost a child so and went on is not meant.
func (e ending) outOfMemory(limit int64) ending {
	switch {
	case e.state == sandbox.Failed:
		e.reason = fmt.Sprintf("out of memory: the sandbox may use %d MiB", limit>>20)
	case e.reason == "" && e.exitCode != nil && *e.exitCode == 128+int32(syscall.SIGKILL):
		e.reason = fmt.Sprintf("the main process was killed, out of memory: the sandbox may use %d MiB", limit>>20)
	}
	return e
}

func (k *keeper) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	if err := k.c.removeFromHost(ctx, k.c.runtimes[k.sb.Runtime], k.sb.ID); err != nil {
		k.logger.Error("an ended sandbox can't be removed; the next start of sandboxd tries again", zap.Error(err))
	}
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

func (k *keeper) update(sb sandbox.Sandbox) error {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	return k.c.Store.Update(ctx, sb)
}

func exitCode(code int) *int32 {
	c := int32(code)
	return &c
}
