package controller

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/casemate/casemate/pkg/errdefs"
)

// drainRetry is when a client may ask again for a new sandbox: by then, it may be sent to another sandboxd.
const drainRetry = 10 * time.Second

// Cordon says whether new sandboxes are refused from now on, with Unavailable (SANDBOXD_DRAINING). What runs is served as
// before, and so is the repetition of a request that has its sandbox already.
func (c *Controller) Cordon(refuse bool) {
	c.cordoned.Store(refuse)
}

// Cordoned says whether new sandboxes are refused.
func (c *Controller) Cordoned() bool { return c.cordoned.Load() }

// welcome is a creation's first step. It comes after the request id was looked up: one that has its sandbox is answered.
func (r *creation) welcome(context.Context) error {
	if !r.c.cordoned.Load() {
		return nil
	}
	e := errdefs.New(errdefs.Unavailable, "SANDBOXD_DRAINING", "this sandboxd is being drained and makes no new sandboxes; those it has run on")
	e.RetryAfter = drainRetry
	return e
}

// CountLive is how many sandboxes are being made, run or are being stopped.
func (c *Controller) CountLive() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.live)
}

// WaitEmpty returns when the sandboxes that there are have ended, or ctx has. After Cordon there will be no others: who is
// being refused is live for a moment too, and not waited for.
func (c *Controller) WaitEmpty(ctx context.Context) error { return waitDone(ctx, c.allLive()) }

func (c *Controller) allLive() []*live {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.live))
}

// cordonMetrics are gauges of what drains.
func (c *Controller) cordonMetrics() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "casemate_live_sandboxes", Help: "Sandboxes that are being made, run or are being stopped.",
		}, func() float64 { return float64(c.CountLive()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "casemate_draining", Help: "1 while this sandboxd makes no new sandboxes, since it is being drained.",
		}, func() float64 {
			if c.cordoned.Load() {
				return 1
			}
			return 0
		}),
	}
}
