package config

import (
	"cmp"
	"fmt"

	"github.com/casemate/casemate/pkg/config"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Quota is what a team's sandboxes may take together, being made and running. 0 is no limit everywhere.
type Quota struct {
	Sandboxes       int64       `yaml:"sandboxes" usage:"most sandboxes of one team at one time; 0: any number, within max_sandboxes"`
	CPUMillis       int64       `yaml:"cpu_millis" usage:"most CPU of one team's sandboxes together, the sum of their limits in thousandths of a core; 0: any"`
	Memory          config.Size `yaml:"memory" usage:"most memory of one team's sandboxes together, the sum of their limits; 0: any"`
	StartsPerSecond int64       `yaml:"starts_per_second" usage:"sandboxes that one team may start a second in the long run; 0: any number"`
	StartsBurst     int64       `yaml:"starts_burst" usage:"how many of them at once after a pause; at least a second's worth"`
}

// TeamQuota is what differs for one team; what it does not name is as in Quota.
type TeamQuota struct {
	Sandboxes       *int64       `yaml:"sandboxes"`
	CPUMillis       *int64       `yaml:"cpu_millis"`
	Memory          *config.Size `yaml:"memory"`
	StartsPerSecond *int64       `yaml:"starts_per_second"`
	StartsBurst     *int64       `yaml:"starts_burst"`
}

// For is q with what differs for one team.
func (q Quota) For(t TeamQuota) Quota {
	return Quota{
		Sandboxes: *cmp.Or(t.Sandboxes, &q.Sandboxes), CPUMillis: *cmp.Or(t.CPUMillis, &q.CPUMillis), Memory: *cmp.Or(t.Memory, &q.Memory),
		StartsPerSecond: *cmp.Or(t.StartsPerSecond, &q.StartsPerSecond), StartsBurst: *cmp.Or(t.StartsBurst, &q.StartsBurst),
	}
}

// Quotas are those of all teams.
func (c Config) Quotas() sandbox.Quotas {
	quotas := sandbox.Quotas{Team: c.Quota.limits(), Teams: map[string]sandbox.Quota{}}
	for team, t := range c.TeamQuotas {
		quotas.Teams[team] = c.Quota.For(t).limits()
	}
	return quotas
}

func (q Quota) limits() sandbox.Quota {
	return sandbox.Quota{
		Sandboxes: q.Sandboxes, CPUMillis: q.CPUMillis, MemoryBytes: int64(q.Memory),
		StartsPerSecond: int(q.StartsPerSecond), StartsBurst: int(q.StartsBurst),
	}
}

func (c Config) validateQuotas() error {
	if err := c.Quota.validate("quota"); err != nil {
		return err
	}
	for team, t := range c.TeamQuotas {
		if err := c.Quota.For(t).validate("team_quotas." + team); err != nil {
			return err
		}
	}
	return nil
}

func (q Quota) validate(key string) error {
	for _, n := range []struct {
		key   string
		value int64
	}{
		{"sandboxes", q.Sandboxes}, {"cpu_millis", q.CPUMillis}, {"memory", int64(q.Memory)},
		{"starts_per_second", q.StartsPerSecond}, {"starts_burst", q.StartsBurst},
	} {
		if n.value < 0 {
			return fmt.Errorf("%s.%s: is negative", key, n.key)
		}
	}
	return nil
}
