package daemon

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// RunHealth is what gRPC health is asked about to know whether this sandboxd makes sandboxes: NOT_SERVING while it is being
// drained. The services stay SERVING, since what runs here is reached here only.
const RunHealth = "casemate.sandbox.v1.SandboxService/RunSandbox"

// errDrained ends Run when the last sandbox of a draining sandboxd has ended.
var errDrained = errors.New("drained")

// Drain makes Run refuse new sandboxes, serve those that run until they end, or until the configuration's drain_timeout stops
// them, and then return. Undrain takes that back while it is not over. Both return at once.
func (d *Daemon) Drain() { d.order(true) }

// Undrain makes new sandboxes welcome again.
func (d *Daemon) Undrain() { d.order(false) }

// order replaces an order that was not taken up yet.
func (d *Daemon) order(drain bool) {
	d.ordering.Lock()
	defer d.ordering.Unlock()
	select {
	case <-d.orders:
	default:
	}
	d.orders <- drain
}

// followOrders drains when it is told to, until ctx ends or everything has ended: errDrained.
func (d *Daemon) followOrders(ctx context.Context) error {
	for {
		select {
		case drain := <-d.orders:
			if !drain {
				continue
			}
			if err := d.drain(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// drain returns nil when the order was taken back, or ctx ended.
func (d *Daemon) drain(ctx context.Context) error {
	d.cordon(true)
	d.logger.Info("draining: no new sandboxes are made", zap.Int("sandboxes", d.core.CountLive()), zap.Duration("drain_timeout", d.cfg.DrainTimeout))
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	empty := make(chan error, 1)
	go func() { empty <- d.core.WaitEmpty(waiting) }()
	over := waiting // a context that ends when the time is over, if there is an end to it
	if d.cfg.DrainTimeout > 0 {
		var stop context.CancelFunc
		over, stop = context.WithTimeout(waiting, d.cfg.DrainTimeout)
		defer stop()
	}
	timeIsOver := over.Done()
	for {
		select {
		case drain := <-d.orders:
			if !drain {
				d.cordon(false)
				d.logger.Info("not draining any more: new sandboxes are made")
				return nil
			}
		case <-timeIsOver:
			timeIsOver = nil
			if ctx.Err() != nil {
				return nil
			}
			d.logger.Warn("drain_timeout is over: stopping the sandboxes that still run", zap.Int("sandboxes", d.core.CountLive()))
			go d.core.StopAll(waiting, sandbox.MaxStopGrace, "sandboxd was drained")
		case err := <-empty:
			if err != nil {
				return nil
			}
			d.logger.Info("drained: the last sandbox has ended")
			return errDrained
		}
	}
}

func (d *Daemon) cordon(refuse bool) {
	d.core.Cordon(refuse)
	for _, l := range d.listeners {
		l.server.SetServing(RunHealth, !refuse)
	}
}

// ready is what /readyz says.
func (d *Daemon) ready() error {
	if d.core.Cordoned() {
		return fmt.Errorf("draining: %d sandboxes run on", d.core.CountLive())
	}
	return nil
}
