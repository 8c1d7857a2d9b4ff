package oidc_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func TestMeets(t *testing.T) {
	f := newFixture(t)
	github := f.claims(map[string]any{
		"number": 74, "big": 12345678901234567, "yes": true, "list": []any{"a", "b", 1}, "null": nil,
		"https://example.com/claim": "by URL", "tilde~name": "t", "nested": map[string]any{"a": map[string]any{"b": "deep"}},
	})
	kubernetes := f.Kubernetes(audience, "ml", "train", nil)
	trust := func(subject string, claims ...string) secret.OIDCTrust {
		o := secret.OIDCTrust{Issuer: f.URL, Audience: audience, Subject: subject, Claims: map[string]string{}}
		for i := 0; i < len(claims); i += 2 {
			o.Claims[claims[i]] = claims[i+1]
		}
		return o
	}
	const main = "repo:octo-org/app:ref:refs/heads/main"
	for _, test := range []struct {
		name   string
		claims map[string]any
		trust  secret.OIDCTrust
		why    string // empty: it meets
	}{
		{"exact", github, trust(main), ""},
		{"another branch", github, trust("repo:octo-org/app:ref:refs/heads/dev"), "the subject is"},
		{"any branch", github, trust("repo:octo-org/app:ref:refs/heads/*"), ""},
		{"a star ends at a colon", github, trust("repo:octo-org/*"), "the subject is"},
		{"a star ends at a slash", github, trust("repo:octo-org/app:ref:*"), "the subject is"},
		{"two stars do not", github, trust("repo:octo-org/**"), ""},
		{"whole, not a part", github, trust("repo:octo-org/app"), "the subject is"},
		{"no expressions", github, trust("repo:octo-org/app.ref.refs/heads/main"), "the subject is"},
		{"a claim", github, trust(main, "repository", "octo-org/app", "ref", "refs/heads/*"), ""},
		{"another claim", github, trust(main, "repository", "octo-org/other"), `the claim "repository"`},
		{"a claim that is not there", github, trust(main, "environment", "**"), `the claim "environment"`},
		{"a claim that is null", github, trust(main, "null", "**"), `the claim "null"`},
		{"a number", github, trust(main, "number", "74", "big", "12345678901234567"), ""},
		{"a boolean", github, trust(main, "yes", "true"), ""},
		{"one of a list", github, trust(main, "list", "b"), ""},
		{"none of a list", github, trust(main, "list", "c"), `the claim "list"`},
		{"an object is no text", github, trust(main, "nested", "**"), `the claim "nested"`},
		{"nested", github, trust(main, "nested/a/b", "deep"), ""},
		{"through what is no object", github, trust(main, "repository/x", "**"), `the claim "repository/x"`},
		{"a name with slashes", github, trust(main, "https:~1~1example.com~1claim", "by URL"), ""},
		{"a name with a tilde", github, trust(main, "tilde~0name", "t"), ""},
		{"Kubernetes", kubernetes, trust("system:serviceaccount:ml:train", "kubernetes.io/namespace", "ml", "kubernetes.io/serviceaccount/name", "tr*"), ""},
		{"another namespace", kubernetes, trust("system:serviceaccount:*:train", "kubernetes.io/namespace", "prod"), `the claim "kubernetes.io/namespace"`},
		{"another audience", f.claims(map[string]any{"aud": "https://github.com/octo-org"}), trust(main), "the audience is"},
		{"no audience", f.claims(map[string]any{"aud": nil}), trust(main), "the audience is"},
		{"one that others take too", f.claims(map[string]any{"aud": []string{audience, "https://other.example"}}), trust(main), "the audience is"},
		{"authorized for us", f.claims(map[string]any{"azp": audience}), trust(main), ""},
		{"authorized for another", f.claims(map[string]any{"azp": "other"}), trust(main), "azp"},
		{"authorized for one that is named", f.claims(map[string]any{"azp": "other"}), trust(main, "azp", "other"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := oidc.Meets(test.trust, f.accepted(f.Token(test.claims)))
			if (err == nil) != (test.why == "") || err != nil && !strings.Contains(err.Error(), test.why) {
				t.Errorf("Meets = %v, want %q", err, test.why)
			}
		})
	}
	elsewhere := trust(main)
	elsewhere.Issuer = "https://other.example"
	if err := oidc.Meets(elsewhere, f.accepted(f.Token(github))); err == nil {
		t.Error("a token of another issuer meets the trust")
	}
}
