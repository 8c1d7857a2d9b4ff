package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// job is work that secretsd does by itself, again and again.
type job struct {
	// name is the job's in the log.
	name string
	// every is the pause after each run.
	every time.Duration
	// wake ends the pause; nil: nothing does.
	wake <-chan struct{}
	// run does what is due. Its error is logged, and the next run tries again.
	run func(context.Context) error
}

// lastTimeout bounds what is done once more at the end.
const lastTimeout = 5 * time.Second

// setJobs lists what secretsd does by itself.
func (d *Daemon) setJobs() {
	// What these gather is in memory: a crash loses a minute of it, a stop nothing.
	d.last = []job{
		{name: "when API keys were used", every: time.Minute, run: d.core.FlushKeyUses},
		{name: "audit of failed attempts", every: time.Minute, run: d.core.FlushAttempts},
	}
	d.jobs = append([]job{
		{name: "audit checkpoint", every: d.cfg.Audit.CheckpointInterval, wake: d.manyEntries, run: d.checkpoint},
		{name: "audit retention", every: time.Hour, run: d.notary.Remove},
		{name: "destroy, expire and purge what is due", every: time.Minute, run: d.core.Sweep},
		{name: "erase what was destroyed", every: time.Minute, run: d.store.Tidy},
		{name: "rotate keys", every: time.Minute, wake: d.core.RotationWanted(), run: d.core.Rotate},
		{name: "forget old request ids", every: time.Hour, run: d.core.ForgetRequests},
		{name: "forget expired exchanged keys", every: time.Hour, run: d.core.ForgetExpired},
		{name: "forget ended API keys", every: time.Hour, run: d.core.ForgetEndedKeys},
		{name: "forget users of whom nothing is left", every: time.Hour, run: d.core.ForgetIdleUsers},
		{name: "forget receipts of ended sandboxes", every: time.Hour, run: d.core.ForgetReceipts},
		{name: "forget revocations of secrets that are gone", every: time.Hour, run: d.core.ForgetRevocations},
	}, d.last...)
	if d.keys.Sealed() {
		d.jobs = append(d.jobs, job{name: "unseal", every: time.Hour, run: d.keepUnsealing})
	}
}

// repeat runs a job, at once and after each pause, until ctx ends.
func (d *Daemon) repeat(ctx context.Context, j job) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.wake:
		case <-timer.C:
		}
		if err := j.run(ctx); err != nil && ctx.Err() == nil {
			d.logger.Error("a background job failed; it will be tried again",
				zap.String("job", j.name), zap.Duration("in", j.every), zap.Error(err))
		}
		timer.Reset(j.every)
	}
}

// finish does the last jobs once more.
func (d *Daemon) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), lastTimeout)
	defer cancel()
	for _, j := range d.last {
		if err := j.run(ctx); err != nil {
			d.logger.Error("a background job failed at the end", zap.String("job", j.name), zap.Error(err))
		}
	}
}
