package sandbox_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// publishing lets in two blocks.
var publishing = sandbox.NetworkPolicy{
	Enabled: true, Default: sandbox.NetworkInternet,
	IngressFrom: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")},
}

func web(from ...string) sandbox.Network {
	return sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: []sandbox.IngressRule{{Port: 80, Protocol: "tcp", From: from}}}
}

func TestNormalizeIngress(t *testing.T) {
	given := sandbox.Network{Ingress: []sandbox.IngressRule{{Port: 80, HostPort: 22}, {Port: 80, Protocol: "udp", From: []string{"203.0.113.7/32"}}}}
	got, err := normalizeNetwork(given, publishing)
	want := sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: []sandbox.IngressRule{
		{Port: 80, Protocol: "tcp", From: []string{"203.0.113.0/24", "2001:db8::/32"}}, // no port of the caller's choice
		{Port: 80, Protocol: "udp", From: []string{"203.0.113.7/32"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}

	many := make([]sandbox.IngressRule, sandbox.MaxIngress+1)
	for i := range many {
		many[i].Port = uint16(i + 1)
	}
	none := web()
	none.Mode = sandbox.NetworkNone
	closed := publishing
	closed.IngressFrom = nil
	noNetwork := publishing
	noNetwork.Default = sandbox.NetworkNone
	rules := func(r ...sandbox.IngressRule) sandbox.Network { return sandbox.Network{Ingress: r} }
	for name, tc := range map[string]struct {
		given       sandbox.Network
		policy      sandbox.NetworkPolicy
		field, says string
	}{
		"no operator's word":  {web(), closed, "", "network.ingress"},
		"without a network":   {none, publishing, "", "INTERNET"},
		"none by default":     {rules(sandbox.IngressRule{Port: 80}), noNetwork, "", "INTERNET"},
		"too many":            {rules(many...), publishing, "", "at most 16"},
		"no port":             {rules(sandbox.IngressRule{}), publishing, "[0].port", "1 to 65535"},
		"twice":               {rules(sandbox.IngressRule{Port: 80}, sandbox.IngressRule{Port: 80, Protocol: "tcp"}), publishing, "[1].port", "already"},
		"unknown protocol":    {rules(sandbox.IngressRule{Port: 80, Protocol: "sctp"}), publishing, "[0].protocol", "tcp nor udp"},
		"no block":            {web("203.0.113.7"), publishing, "[0].from[0]", "no block"},
		"no block's end":      {web("203.0.113.7/24"), publishing, "[0].from[0]", "203.0.113.0/24?"},
		"more than let in":    {web("203.0.113.0/24", "203.0.0.0/16"), publishing, "[0].from[1]", "more than the operator lets in"},
		"everybody":           {web("0.0.0.0/0"), publishing, "[0].from[0]", "more than the operator lets in"},
		"all that is IPv6":    {web("::/0"), publishing, "[0].from[0]", "more than the operator lets in"},
		"somebody else":       {web("198.51.100.0/24"), publishing, "[0].from[0]", "more than the operator lets in"},
		"too many of sources": {web(make([]string, sandbox.MaxIngress+1)...), publishing, "[0].from", "at most 16"},
	} {
		_, err := normalizeNetwork(tc.given, tc.policy)
		e, ok := errdefs.As(err)
		if !ok || e.Kind != errdefs.InvalidArgument || e.Violations[0].Subject != "spec.network.ingress"+tc.field || !strings.Contains(e.Violations[0].Description, tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNarrowedIngress(t *testing.T) {
	p := policy
	p.Network = publishing
	old := web("203.0.113.0/25", "2001:db8::/32")
	old.Ingress[0].HostPort = 31000
	udp := web("203.0.113.0/25")
	udp.Ingress[0].Protocol = "udp"
	more := web("203.0.113.0/25")
	more.Ingress = append(more.Ingress, sandbox.IngressRule{Port: 81})
	for name, tc := range map[string]struct {
		to    sandbox.Network
		field string // of what is wider; empty: nothing
	}{
		"the same":             {web("203.0.113.0/25", "2001:db8::/32"), ""},
		"one of two":           {web("2001:db8::/32"), ""},
		"parts":                {web("203.0.113.7/32", "203.0.113.8/29", "2001:db8:1::/48"), ""},
		"nobody":               {sandbox.Network{}, ""},
		"no network":           {sandbox.Network{Mode: sandbox.NetworkNone}, ""},
		"all the operator's":   {web(), "network.ingress[0].from"},
		"a larger block":       {web("203.0.113.0/24"), "network.ingress[0].from"},
		"another block":        {web("203.0.113.7/32", "203.0.113.128/25"), "network.ingress[0].from"},
		"another protocol":     {udp, "network.ingress[0]"},
		"another port as well": {more, "network.ingress[1]"},
	} {
		got, err := sandbox.Sandbox{Spec: sandbox.Spec{Image: "i", Network: old}}.Narrowed(tc.to, p)
		if tc.field != "" {
			if e, ok := errdefs.As(err); !ok || e.Reason != "NETWORK_NOT_NARROWER" || e.Violations[0].Subject != tc.field {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range got.Spec.Network.Ingress {
			if r.HostPort != 31000 {
				t.Errorf("%s: the port of the host is %d", name, r.HostPort)
			}
		}
		if got.Spec.Network.Equal(old) != (name == "the same") {
			t.Errorf("%s: Equal says otherwise", name)
		}
	}
}
