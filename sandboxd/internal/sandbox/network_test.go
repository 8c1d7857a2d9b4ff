package sandbox_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func normalizeNetwork(n sandbox.Network, p sandbox.NetworkPolicy) (sandbox.Network, error) {
	all := policy
	all.Network = p
	s, err := sandbox.Spec{Image: "i", Network: n}.Normalize(all)
	return s.Network, err
}

func TestNetworkDefaults(t *testing.T) {
	on := sandbox.NetworkPolicy{Enabled: true, Default: sandbox.NetworkInternet}
	off := sandbox.NetworkPolicy{Default: sandbox.NetworkInternet}
	bounded := on
	bounded.DefaultLimits, bounded.MaxLimits = sandbox.NetworkLimits{Connections: 100, BytesPerSecond: 1 << 20}, sandbox.NetworkLimits{Connections: 200, BytesPerSecond: 2 << 20}
	web := []sandbox.Destination{{CIDR: "203.0.113.0/24", Protocol: "tcp", FirstPort: 443}}
	for name, tc := range map[string]struct {
		given  sandbox.Network
		policy sandbox.NetworkPolicy
		want   sandbox.Network
	}{
		"the default":         {sandbox.Network{}, on, sandbox.Network{Mode: sandbox.NetworkInternet}},
		"none by default":     {sandbox.Network{}, sandbox.NetworkPolicy{Enabled: true, Default: sandbox.NetworkNone}, sandbox.Network{Mode: sandbox.NetworkNone}},
		"where there is none": {sandbox.Network{}, off, sandbox.Network{Mode: sandbox.NetworkNone}},
		"none wanted":         {sandbox.Network{Mode: sandbox.NetworkNone}, on, sandbox.Network{Mode: sandbox.NetworkNone}},
		"limits": {sandbox.Network{Limits: sandbox.NetworkLimits{Connections: 200}}, bounded, sandbox.Network{
			Mode: sandbox.NetworkInternet, Limits: sandbox.NetworkLimits{Connections: 200, BytesPerSecond: 1 << 20},
		}},
		"no limits of nothing": {sandbox.Network{Mode: sandbox.NetworkNone}, bounded, sandbox.Network{Mode: sandbox.NetworkNone}},
		"one port": {sandbox.Network{Allow: web}, on, sandbox.Network{
			Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{{CIDR: "203.0.113.0/24", Protocol: "tcp", FirstPort: 443, LastPort: 443}},
		}},
	} {
		got, err := normalizeNetwork(tc.given, tc.policy)
		if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	if web[0].LastPort != 0 {
		t.Error("Normalize changed the spec it was given")
	}
}

func TestNetworkNamesTheField(t *testing.T) {
	allow := func(d ...sandbox.Destination) sandbox.Network {
		return sandbox.Network{Mode: sandbox.NetworkInternet, Allow: d}
	}
	limits := func(connections, bytes int64) sandbox.Network {
		return sandbox.Network{Mode: sandbox.NetworkInternet, Limits: sandbox.NetworkLimits{Connections: connections, BytesPerSecond: bytes}}
	}
	on := sandbox.NetworkPolicy{
		Enabled: true, Default: sandbox.NetworkInternet, Open: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")},
		DefaultLimits: sandbox.NetworkLimits{Connections: 100}, MaxLimits: sandbox.NetworkLimits{Connections: 200},
	}
	for name, tc := range map[string]struct {
		given  sandbox.Network
		policy sandbox.NetworkPolicy
		field  string
		says   string
	}{
		"unknown mode":        {sandbox.Network{Mode: "SOME"}, on, "spec.network.mode", "INTERNET"},
		"not enabled":         {sandbox.Network{Mode: sandbox.NetworkInternet}, sandbox.NetworkPolicy{}, "spec.network.mode", "operator"},
		"allow without mode":  {sandbox.Network{Allow: []sandbox.Destination{{CIDR: "203.0.113.0/24"}}}, sandbox.NetworkPolicy{}, "spec.network.mode", "unset"},
		"allow with none":     {sandbox.Network{Mode: sandbox.NetworkNone, Allow: []sandbox.Destination{{CIDR: "203.0.113.0/24"}}}, on, "spec.network.allow", "NONE"},
		"no block":            {allow(sandbox.Destination{CIDR: "example.com"}), on, "spec.network.allow[0].cidr", "no block"},
		"bits beyond":         {allow(sandbox.Destination{CIDR: "203.0.113.7/24"}), on, "spec.network.allow[0].cidr", "203.0.113.0/24"},
		"private":             {allow(sandbox.Destination{CIDR: "10.2.0.0/16"}), on, "spec.network.allow[0].cidr", "10.0.0.0/8"},
		"metadata":            {allow(sandbox.Destination{CIDR: "169.254.169.254/32"}), on, "spec.network.allow[0].cidr", "169.254.0.0/16"},
		"metadata of IPv6":    {allow(sandbox.Destination{CIDR: "fd00:ec2::254/128"}), on, "spec.network.allow[0].cidr", "8000::/1"},
		"except outside":      {allow(sandbox.Destination{CIDR: "203.0.113.0/24", Except: []string{"198.51.100.0/24"}}), on, "spec.network.allow[0].except[0]", "within"},
		"except is larger":    {allow(sandbox.Destination{CIDR: "203.0.113.0/24", Except: []string{"203.0.0.0/16"}}), on, "spec.network.allow[0].except[0]", "within"},
		"ports, no protocol":  {allow(sandbox.Destination{CIDR: "203.0.113.0/24", FirstPort: 80}), on, "spec.network.allow[0].protocol", "needed"},
		"unknown protocol":    {allow(sandbox.Destination{CIDR: "203.0.113.0/24", Protocol: "sctp"}), on, "spec.network.allow[0].protocol", "tcp"},
		"ports upside down":   {allow(sandbox.Destination{CIDR: "203.0.113.0/24", Protocol: "tcp", FirstPort: 9, LastPort: 8}), on, "spec.network.allow[0].ports", "range"},
		"no first port":       {allow(sandbox.Destination{CIDR: "203.0.113.0/24", Protocol: "tcp", LastPort: 8}), on, "spec.network.allow[0].ports", "range"},
		"too many":            {allow(make([]sandbox.Destination, 65)...), on, "spec.network.allow", "64"},
		"few connections":     {limits(15, 0), on, "spec.network.max_connections", "16"},
		"many connections":    {limits(201, 0), on, "spec.network.max_connections", "200"},
		"a limit that is off": {limits(0, 1<<20), on, "spec.network.max_bytes_per_second", "switched"},
		"limits of nothing": {
			sandbox.Network{Mode: sandbox.NetworkNone, Limits: sandbox.NetworkLimits{Connections: 20}}, on, "spec.network.max_connections", "NONE",
		},
		"what is denied, too": {sandbox.Network{Deny: []sandbox.Destination{{CIDR: "x"}}}, on, "spec.network.deny[0].cidr", "no block"},
	} {
		_, err := normalizeNetwork(tc.given, tc.policy)
		e, ok := errdefs.As(err)
		if !ok || e.Kind != errdefs.InvalidArgument {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, v := range e.Violations {
			found = found || v.Subject == tc.field && strings.Contains(v.Description, tc.says)
		}
		if !found {
			t.Errorf("%s: no violation of %s that says %q: %+v", name, tc.field, tc.says, e.Violations)
		}
	}
	for name, n := range map[string]sandbox.Network{
		"part of it is opened": allow(sandbox.Destination{CIDR: "10.1.2.0/24"}),
		"everything":           allow(sandbox.Destination{CIDR: "0.0.0.0/0"}, sandbox.Destination{CIDR: "::/0"}),
		"a denied private one": {Deny: []sandbox.Destination{{CIDR: "10.0.0.0/8"}}},
	} {
		if _, err := normalizeNetwork(n, on); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
