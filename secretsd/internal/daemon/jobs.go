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
