package cmd

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func TestParseSecretFlag(t *testing.T) {
	for text, want := range map[string]*sandboxv1.SecretRef{
		"HF_TOKEN":          {Secret: "HF_TOKEN"},
		"HF_TOKEN=TOKEN":    {Secret: "HF_TOKEN", EnvVar: "TOKEN"},
		"HF_TOKEN@3":        {Secret: "HF_TOKEN", Version: "3"},
		"DB.password":       {Secret: "DB", Field: "password"},
		"DB.a.b@latest=X_Y": {Secret: "DB", Field: "a.b", Version: "latest", EnvVar: "X_Y"},
		"A=B=C":             {Secret: "A", EnvVar: "B=C"}, // the server says what is wrong with it
		"":                  nil, "=X": nil, "A=": nil, "A@": nil, "A.": nil, "@1": nil, ".f": nil,
	} {
		got, err := parseSecretFlag(text)
		var usage usageError
		if want == nil && !errors.As(err, &usage) {
			t.Errorf("%q: %v, %v; want a usage error", text, got, err)
		}
		if want != nil && (err != nil || cmp.Diff(want, got, protocmp.Transform()) != "") {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseDestination(t *testing.T) {
	for text, want := range map[string]*sandboxv1.Destination{
		"203.0.113.7":               {Cidr: "203.0.113.7/32"},
		"2001:db8::/32":             {Cidr: "2001:db8::/32"},
		"203.0.113.0/24=udp":        {Cidr: "203.0.113.0/24", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UDP},
		"203.0.113.0/24=tcp:443":    {Cidr: "203.0.113.0/24", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 443},
		"2001:db8::7=tcp:8000-8080": {Cidr: "2001:db8::7/128", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 8000, LastPort: 8080},
		"example.org":               nil, "203.0.113.0/24:443": nil, "203.0.113.0/33": nil, "203.0.113.0/24=": nil,
		"203.0.113.0/24=sctp": nil, "203.0.113.0/24=tcp:": nil, "203.0.113.0/24=tcp:0": nil, "203.0.113.0/24=tcp:1-": nil,
		"203.0.113.0/24=tcp:1-65536": nil, "": nil,
	} {
		got, ok := parseDestination(text)
		if ok != (want != nil) || ok && !proto.Equal(got, want) {
			t.Errorf("parseDestination(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestParsePublish(t *testing.T) {
	const tcp, udp = sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UDP
	for text, want := range map[string]*sandboxv1.IngressRule{
		"80":                          {Port: 80, Protocol: tcp},
		"53/udp":                      {Port: 53, Protocol: udp},
		"443/tcp=203.0.113.7":         {Port: 443, Protocol: tcp, From: []string{"203.0.113.7/32"}},
		"80=10.0.0.0/8,2001:db8::/32": {Port: 80, Protocol: tcp, From: []string{"10.0.0.0/8", "2001:db8::/32"}},
		"":                            nil, "0": nil, "65536": nil, "http": nil, "80/": nil, "80/sctp": nil, "80=": nil, "80=example.org": nil, "80=10.0.0.0/8,": nil, "8080:80": nil,
	} {
		got, ok := parsePublish(text)
		if ok != (want != nil) || ok && !proto.Equal(got, want) {
			t.Errorf("parsePublish(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestSplitRemote(t *testing.T) {
	for arg, want := range map[string][2]string{
		"sb-1:/etc/passwd":             {"sb-1", "/etc/passwd"},
		"sb-1:data":                    {"sb-1", "data"},
		"teams/ml/sandboxes/sb-1:/a:b": {"teams/ml/sandboxes/sb-1", "/a:b"},
		"data":                         {}, "./a:b": {}, "/a:b": {}, "../a:b": {}, ":x": {}, "sb-1:": {}, "": {},
	} {
		box, file, remote := splitRemote(arg)
		if [2]string{box, file} != want || remote != (want[0] != "") {
			t.Errorf("%q: %q, %q, %v", arg, box, file, remote)
		}
	}
}

func TestExitCodesOfMistakes(t *testing.T) {
	startHost(t)
	for _, args := range []string{"frob", "secret frob", "exec sb-1 --", "run", "run x", "ps one more", "logs --since -1m sb-1", "logs --tail -1 sb-1", "watch sb-1", "watch /srv", "--no-such-flag", "-o xml ps", "cp a b"} {
		got := commandLine(t, "", strings.Fields(args)...)
		if got.code != exitUsage || got.stdout != "" || !regexp.MustCompile("^casemate: error: .+\ncasemate: hint: see `casemate.* --help`\n$").MatchString(got.stderr) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

// Every reason with a hint is spelled as the daemons spell reasons.
func TestHints(t *testing.T) {
	for reason, hint := range hints {
		if !regexp.MustCompile(`^[A-Z][A-Z_]+$`).MatchString(reason) || hint == "" || strings.HasSuffix(hint, ".") {
			t.Errorf("%q: %q", reason, hint)
		}
	}
}
