package controller

import "github.com/prometheus/client_golang/prometheus"

// quotaMetrics are what teams use of their quotas, asked of places when somebody scrapes. Only teams that have sandboxes at
// the time and a limit have series, so that their number is bounded by that of sandboxes.
type quotaMetrics struct {
	places      *places
	used, limit *prometheus.Desc
}

func newQuotaMetrics(p *places) quotaMetrics {
	labels := []string{"team", "quota"}
	return quotaMetrics{
		places: p,
		used: prometheus.NewDesc("casemate_team_quota_used",
			"What a team's sandboxes take of its quota: sandboxes, cpu_millis, memory_bytes. Only of teams with a quota and sandboxes.", labels, nil),
		limit: prometheus.NewDesc("casemate_team_quota_limit",
			"The most that a team's sandboxes may take together, where casemate_team_quota_used says what they do.", labels, nil),
	}
}

// Describe implements prometheus.Collector.
func (m quotaMetrics) Describe(descs chan<- *prometheus.Desc) {
	descs <- m.used
	descs <- m.limit
}

// Collect implements prometheus.Collector.
func (m quotaMetrics) Collect(metrics chan<- prometheus.Metric) {
	for team, used := range m.places.inUse() {
		quota := m.places.quotas.Of(team)
		for _, c := range []struct {
			quota       string
			limit, used int64
		}{
			{quotaSandboxes, quota.Sandboxes, used.sandboxes},
			{quotaCPU, quota.CPUMillis, used.cpuMillis},
			{quotaMemory, quota.MemoryBytes, used.memoryBytes},
		} {
			if c.limit > 0 {
				metrics <- prometheus.MustNewConstMetric(m.used, prometheus.GaugeValue, float64(c.used), team, c.quota)
				metrics <- prometheus.MustNewConstMetric(m.limit, prometheus.GaugeValue, float64(c.limit), team, c.quota)
			}
		}
	}
}
