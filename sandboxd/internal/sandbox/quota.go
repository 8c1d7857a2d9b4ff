package sandbox

// Quota is what one team's sandboxes may take together, being made, running and stopping. 0 is no limit everywhere.
type Quota struct {
	// Sandboxes is how many; CPUMillis and MemoryBytes are the sums of their limits.
	Sandboxes, CPUMillis, MemoryBytes int64
	// StartsPerSecond is how many may be started in the long run, StartsBurst how many at once after a pause, at least a second's.
	StartsPerSecond, StartsBurst int
}

// Quotas are those of all teams.
type Quotas struct {
	// Team is the quota of each team that Teams does not name.
	Team  Quota
	Teams map[string]Quota
}

// Of is a team's quota.
func (q Quotas) Of(team string) Quota {
	if own, ok := q.Teams[team]; ok {
		return own
	}
	return q.Team
}
