package secret

import "slices"

// Injection says how a value may reach a sandbox. The zero value is the default: as an environment variable.
type Injection struct {
	// BrokerOnly says that no sandbox may hold the value: it is put into requests to Hosts on their way out.
	BrokerOnly bool `json:"broker_only,omitempty"`
	// Hosts are the names that the value may be sent to; empty unless BrokerOnly.
	Hosts []string `json:"hosts,omitempty"`
}

// Weaker says whether the value gets to more places than by an older policy: into sandboxes, or to other hosts.
func (i Injection) Weaker(old Injection) bool {
	if !old.BrokerOnly {
		return false
	}
	return !i.BrokerOnly || slices.ContainsFunc(i.Hosts, func(h string) bool { return !slices.Contains(old.Hosts, h) })
}
