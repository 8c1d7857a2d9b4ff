package sandbox_test

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func networked() sandbox.Policy {
	p := policy
	p.Network = sandbox.NetworkPolicy{
		Enabled: true, Default: sandbox.NetworkInternet, MaxLimits: sandbox.NetworkLimits{Connections: 1000, BytesPerSecond: 16 << 20},
	}
	return p
}

func TestNarrowed(t *testing.T) {
	to := func(cidr string, except ...string) sandbox.Destination {
		return sandbox.Destination{CIDR: cidr, Except: except}
	}
	ports := func(protocol string, first, last uint16) sandbox.Destination {
		return sandbox.Destination{CIDR: "203.0.113.0/24", Protocol: protocol, FirstPort: first, LastPort: last}
	}
	type list []sandbox.Destination
	allow := func(d ...sandbox.Destination) sandbox.Network {
		return sandbox.Network{Mode: sandbox.NetworkInternet, Allow: d}
	}
	deny := func(d ...sandbox.Destination) sandbox.Network {
		return sandbox.Network{Mode: sandbox.NetworkInternet, Deny: d}
	}
	open, none := allow(), sandbox.Network{Mode: sandbox.NetworkNone}
	mute := sandbox.Network{Mode: sandbox.NetworkInternet, NoDNS: true}
	limits := func(connections, bytes int64) sandbox.Network {
		return sandbox.Network{Mode: sandbox.NetworkInternet, Limits: sandbox.NetworkLimits{Connections: connections, BytesPerSecond: bytes}}
	}
	for name, tc := range map[string]struct {
		old, to sandbox.Network
		field   string // of what is wider; empty: nothing
	}{
		"to nothing":                         {open, none, ""},
		"nothing stays nothing":              {none, sandbox.Network{}, ""},
		"something of nothing":               {none, open, "network.mode"},
		"to a list":                          {open, allow(to("203.0.113.0/24")), ""},
		"the same":                           {allow(to("203.0.113.0/24")), allow(to("203.0.113.0/24")), ""},
		"the mode is kept":                   {allow(to("203.0.113.0/24")), sandbox.Network{Allow: list{to("203.0.113.7/32")}}, ""},
		"a part":                             {allow(to("203.0.113.0/24")), allow(to("203.0.113.128/25"), to("203.0.113.1/32")), ""},
		"a larger block":                     {allow(to("203.0.113.0/24")), allow(to("203.0.112.0/23")), "network.allow[0]"},
		"another block":                      {allow(to("203.0.113.0/24")), allow(to("203.0.113.0/24"), to("198.51.100.0/24")), "network.allow[1]"},
		"another family":                     {allow(to("0.0.0.0/0")), allow(to("2001:db8::/32")), "network.allow[0]"},
		"the list is taken away":             {allow(to("203.0.113.0/24")), open, "network.allow"},
		"by protocol":                        {allow(to("203.0.113.0/24")), allow(ports("udp", 0, 0)), ""},
		"fewer ports":                        {allow(ports("tcp", 80, 443)), allow(ports("tcp", 443, 443)), ""},
		"more ports":                         {allow(ports("tcp", 80, 443)), allow(ports("tcp", 443, 444)), "network.allow[0]"},
		"all ports":                          {allow(ports("tcp", 80, 443)), allow(ports("tcp", 0, 0)), "network.allow[0]"},
		"another protocol":                   {allow(ports("tcp", 80, 443)), allow(ports("udp", 443, 443)), "network.allow[0]"},
		"every protocol":                     {allow(ports("tcp", 0, 0)), allow(to("203.0.113.0/24")), "network.allow[0]"},
		"what was left out":                  {allow(to("203.0.113.0/24", "203.0.113.8/29")), allow(to("203.0.113.0/28")), "network.allow[0]"},
		"what was left out is left out":      {allow(to("203.0.113.0/24", "203.0.113.8/29")), allow(to("203.0.113.0/28", "203.0.113.8/29")), ""},
		"more is left out":                   {allow(to("203.0.113.0/24", "203.0.113.9/32")), allow(to("203.0.113.0/25", "203.0.113.8/29")), ""},
		"only a part of it is left out":      {allow(to("203.0.113.0/24", "203.0.113.8/29")), allow(to("203.0.113.0/25", "203.0.113.9/32")), "network.allow[0]"},
		"what was left out is elsewhere":     {allow(to("203.0.113.0/24", "203.0.113.8/29")), allow(to("203.0.113.128/25")), ""},
		"a new denial":                       {open, deny(to("203.0.113.0/24")), ""},
		"a larger denial":                    {deny(to("203.0.113.0/24")), deny(to("203.0.112.0/23")), ""},
		"a smaller denial":                   {deny(to("203.0.113.0/24")), deny(to("203.0.113.0/25")), "network.deny"},
		"a denial with a hole":               {deny(to("203.0.113.0/24")), deny(to("203.0.113.0/24", "203.0.113.1/32")), "network.deny"},
		"a denial is gone":                   {deny(to("203.0.113.0/24")), allow(to("203.0.113.0/24")), "network.deny"},
		"no name service":                    {open, mute, ""},
		"the name service is back":           {mute, open, "network.no_dns"},
		"limits where there were none":       {open, limits(16, 1<<20), ""},
		"lower limits":                       {limits(100, 1<<20), limits(99, 1<<19), ""},
		"limits stay":                        {limits(100, 1<<20), open, ""},
		"more connections":                   {limits(100, 1<<20), limits(101, 0), "network.max_connections"},
		"more bandwidth":                     {limits(100, 1<<20), limits(0, 1<<21), "network.max_bytes_per_second"},
		"none, whatever else is there":       {deny(to("203.0.113.0/24")), none, ""},
		"two of the old ones cover together": {allow(to("203.0.113.0/25"), to("203.0.113.128/25")), allow(to("203.0.113.0/24")), "network.allow[0]"},
	} {
		sb := sandbox.Sandbox{Spec: sandbox.Spec{Image: "i", Network: tc.old}}
		got, err := sb.Narrowed(tc.to, networked())
		if tc.field == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		e, ok := errdefs.As(err)
		if !ok || e.Reason != "NETWORK_NOT_NARROWER" || e.Violations[0].Subject != tc.field {
			t.Errorf("%s: %v with %+v, want something wrong with %s", name, err, got.Spec.Network, tc.field)
		}
		if got.Spec.Network.Mode != tc.old.Mode {
			t.Errorf("%s: a refused update changes the sandbox", name)
		}
	}
}

func TestNarrowedKeepsToThePolicy(t *testing.T) {
	sb := sandbox.Sandbox{Spec: sandbox.Spec{Image: "i", Network: sandbox.Network{Mode: sandbox.NetworkInternet}}}
	_, err := sb.Narrowed(sandbox.Network{Allow: []sandbox.Destination{{CIDR: "10.2.0.0/16"}}}, networked())
	if e, ok := errdefs.As(err); !ok || e.Kind != errdefs.InvalidArgument || e.Violations[0].Subject != "network.allow[0].cidr" ||
		!strings.Contains(e.Message, "10.0.0.0/8") {
		t.Errorf("a private block: %v", err)
	}
}

// TestNarrowedKeepsLimits: what is unset is not the default, which may be less or more.
func TestNarrowedKeepsLimits(t *testing.T) {
	old := sandbox.Network{Mode: sandbox.NetworkInternet, Limits: sandbox.NetworkLimits{Connections: 300, BytesPerSecond: 4 << 20}}
	for name, tc := range map[string]struct{ to, want sandbox.NetworkLimits }{
		"both":       {sandbox.NetworkLimits{}, old.Limits},
		"one":        {sandbox.NetworkLimits{Connections: 20}, sandbox.NetworkLimits{Connections: 20, BytesPerSecond: 4 << 20}},
		"the other":  {sandbox.NetworkLimits{BytesPerSecond: 1 << 20}, sandbox.NetworkLimits{Connections: 300, BytesPerSecond: 1 << 20}},
		"and no one": {sandbox.NetworkLimits{Connections: 20, BytesPerSecond: 1 << 20}, sandbox.NetworkLimits{Connections: 20, BytesPerSecond: 1 << 20}},
	} {
		got, err := sandbox.Sandbox{Spec: sandbox.Spec{Image: "i", Network: old}}.Narrowed(sandbox.Network{NoDNS: true, Limits: tc.to}, networked())
		if err != nil || got.Spec.Network.Limits != tc.want {
			t.Errorf("%s unset: %+v, %v", name, got.Spec.Network.Limits, err)
		}
	}
	got, err := sandbox.Sandbox{Spec: sandbox.Spec{Image: "i", Network: old}}.Narrowed(sandbox.Network{Mode: sandbox.NetworkNone}, networked())
	if err != nil || got.Spec.Network.Limits != (sandbox.NetworkLimits{}) {
		t.Errorf("without a network: %+v, %v", got.Spec.Network.Limits, err)
	}
}

// TestNarrowedIsNarrower: whatever rules are taken, no packet passes them that the old ones refuse.
func TestNarrowedIsNarrower(t *testing.T) {
	blocks := []string{"203.0.113.0/24", "203.0.113.0/25", "203.0.113.128/25", "203.0.113.8/29", "203.0.113.9/32", "0.0.0.0/0"}
	destination := rapid.Custom(func(t *rapid.T) sandbox.Destination {
		d := sandbox.Destination{CIDR: rapid.SampledFrom(blocks).Draw(t, "block"), Protocol: rapid.SampledFrom([]string{"", "tcp", "udp"}).Draw(t, "protocol")}
		for _, b := range blocks {
			if outer, inner := netip.MustParsePrefix(d.CIDR), netip.MustParsePrefix(b); outer.Contains(inner.Addr()) && outer.Bits() <= inner.Bits() &&
				rapid.IntRange(0, 4).Draw(t, "except") == 0 {
				d.Except = append(d.Except, b)
			}
		}
		if d.Protocol != "" {
			d.FirstPort = rapid.Uint16Range(0, 4).Draw(t, "first")
		}
		if d.FirstPort > 0 {
			d.LastPort = rapid.Uint16Range(d.FirstPort, 5).Draw(t, "last")
		}
		return d
	})
	rules := rapid.Custom(func(t *rapid.T) sandbox.Network {
		return sandbox.Network{
			Mode:  sandbox.NetworkInternet,
			Allow: rapid.SliceOfN(destination, 0, 3).Draw(t, "allow"), Deny: rapid.SliceOfN(destination, 0, 2).Draw(t, "deny"),
		}
	})
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		old := rules.Draw(t, "old")
		to := rules.Draw(t, "new")
		if rapid.Bool().Draw(t, "start from the old") { // or hardly any would be narrower
			to.Deny = append(to.Deny, old.Deny...)
		}
		sb, err := sandbox.Sandbox{Spec: sandbox.Spec{Image: "i", Network: old}}.Narrowed(to, networked())
		if err != nil {
			return
		}
		taken++
		for _, address := range []string{"203.0.113.0", "203.0.113.8", "203.0.113.9", "203.0.113.127", "203.0.113.128", "198.51.100.1"} {
			for port := range uint16(7) {
				for _, protocol := range []string{"tcp", "udp", "other"} {
					packet := netip.AddrPortFrom(netip.MustParseAddr(address), port)
					if sb.Spec.Network.Permits(protocol, packet) && !old.Permits(protocol, packet) {
						t.Fatalf("%s to %s passes %+v, and did not pass %+v", protocol, packet, to, old)
					}
				}
			}
		}
	})
	if taken < 5 {
		t.Errorf("only %d rules were taken: this test shows little", taken)
	}
}
