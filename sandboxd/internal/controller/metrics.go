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
	if c.Registry != nil {
		c.Registry.MustRegister(append(c.cordonMetrics(), m.reaped, m.mended, m.damaged, newQuotaMetrics(c.places))...)
	}
	return m
}
