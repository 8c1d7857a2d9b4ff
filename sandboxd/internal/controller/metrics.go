package controller

import "github.com/prometheus/client_golang/prometheus"

// metrics are what the controller counts.
type metrics struct {
	reaped  *prometheus.CounterVec // by what: see reap.go
	mended  *prometheus.CounterVec // by what: see checkNetwork
	damaged *prometheus.GaugeVec   // by what is gone of a sandbox: see damage.go
}

// newMetrics registers with the configuration's registry, if there is one.
func (c *Controller) newMetrics() *metrics {
	m := &metrics{
		reaped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "casemate_reaped_total",
			Help: "What the reaper removed since it was no sandbox's any more: leftovers of sandboxes, records, logs, links, attachments.",
		}, []string{"what"}),
		mended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "casemate_network_mended_total",
			Help: "What somebody else had changed of the sandboxes' network, and the reaper put right: filter, forwarding.",
		}, []string{"what"}),
		damaged: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "casemate_damaged_sandboxes",
			Help: "Running sandboxes of which something is gone: agent (it does not answer), link (it has no network).",
		}, []string{"what"}),
	}
	running := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "casemate_live_sandboxes", Help: "Sandboxes that are being made, run or are being stopped.",
	}, func() float64 { return float64(c.countLive()) })
	if c.Registry != nil {
		c.Registry.MustRegister(m.reaped, m.mended, m.damaged, running)
	}
	return m
}

func (c *Controller) countLive() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.live)
}
