package secret_test

import (
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
