package secret_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

func TestMatchImage(t *testing.T) {
	const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	for _, test := range []struct {
		pattern, image string
		want           bool
	}{
		{"docker.io/library/python:3.11", "docker.io/library/python:3.11", true},
		{"docker.io/library/python:3.11", "docker.io/library/python:3.1", false},
		{"docker.io/library/python:3.11", "docker.io/library/python:3.11" + digest, false},
		{"docker.io/library/python" + digest, "docker.io/library/python" + digest, true},
		{"docker.io/library/python" + digest, "docker.io/library/python:3.11", false},
		{"docker.io/library/python:*", "docker.io/library/python:3.11", true},
		{"docker.io/library/python:*", "docker.io/library/python" + digest, true},
		{"docker.io/library/python:*", "docker.io/library/python-evil:3.11", false},
		{"docker.io/library/python:*", "docker.io/library/python/evil:3.11", false},
		{"localhost:5000/x:*", "localhost:5000/x:1", true},
		{"localhost:5000/x:*", "localhost:5000/y:1", false},
		{"registry.example.com/team/*", "registry.example.com/team/app:1", true},
		{"registry.example.com/team/*", "registry.example.com/team/a/b" + digest, true},
		{"registry.example.com/team/*", "registry.example.com/team:1", false},
		{"registry.example.com/team/*", "registry.example.com/team-evil/app:1", false},
		{"registry.example.com/team/*", "evil.example.com/registry.example.com/team/app:1", false},
		{"docker.io/library/python:*", "", false},
		{"", "", false},
	} {
		if got := secret.MatchImage(test.pattern, test.image); got != test.want {
			t.Errorf("MatchImage(%q, %q) = %v", test.pattern, test.image, got)
		}
	}
}

func TestWeaker(t *testing.T) {
	open := secret.Injection{}
	one := secret.Injection{BrokerOnly: true, Hosts: []string{"a"}}
	two := secret.Injection{BrokerOnly: true, Hosts: []string{"a", "b"}}
	for _, test := range []struct {
		to, from secret.Injection
		want     bool
	}{{open, open, false}, {one, open, false}, {open, one, true}, {two, one, true}, {one, two, false}, {one, one, false}} {
		if got := test.to.Weaker(test.from); got != test.want {
			t.Errorf("%v after %v is weaker: %v", test.to, test.from, got)
		}
	}
}

func TestParseImagePattern(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("a", 64)
	for pattern, want := range map[string]string{
		"python": "docker.io/library/python:latest", "python:3.11": "docker.io/library/python:3.11", "python:3.11" + digest: "docker.io/library/python" + digest,
		"python:*": "docker.io/library/python:*", "team/app:*": "docker.io/team/app:*", "localhost:5000/x:*": "localhost:5000/x:*",
		"registry.example.com/team/*": "registry.example.com/team/*", "registry.example.com/*": "registry.example.com/*", "team/*": "docker.io/team/*",
		"": "", "*": "", ":*": "", "/*": "", "*/*": "", "python:3.*": "", "UPPER:1": "", "python:3.11:*": "", "python:3.11/*": "", "python" + digest + ":*": "",
	} {
		if got, ok := secret.ParseImagePattern(pattern); got != want || ok != (want != "") {
			t.Errorf("ParseImagePattern(%q) = %q, %v; want %q", pattern, got, ok, want)
		}
	}
}

// FuzzParseImagePattern: a pattern's full form means the same, and an image without a star in it means itself alone.
func FuzzParseImagePattern(f *testing.F) {
	for _, seed := range []string{"python:3.11", "python:*", "registry.example.com:5000/a/b/*", "python@sha256:" + strings.Repeat("a", 64), "*", "a/../b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		full, ok := secret.ParseImagePattern(pattern)
		if !ok {
			return
		}
		if again, ok := secret.ParseImagePattern(full); !ok || again != full {
			t.Errorf("%q is %q, and that is %q, %v", pattern, full, again, ok)
		}
		if strings.HasSuffix(full, "*") {
			if secret.MatchImage(full, "") || secret.MatchImage(full, "evil.invalid/x:1") && !strings.HasPrefix(full, "evil.invalid/") {
				t.Errorf("%q means too much", full)
			}
		} else if !secret.MatchImage(full, full) || secret.MatchImage(full, full+"x") {
			t.Errorf("%q does not mean itself alone", full)
		}
	})
}
