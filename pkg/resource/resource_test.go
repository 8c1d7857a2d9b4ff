package resource_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
)

// parsers parse a name with every kind of parser, and print what they made of it.
var parsers = map[string]func(name string) (fmt.Stringer, error){
	"team":    func(s string) (fmt.Stringer, error) { return resource.ParseTeam("name", s) },
	"member":  func(s string) (fmt.Stringer, error) { return resource.ParseMember("name", s) },
	"key":     func(s string) (fmt.Stringer, error) { return resource.ParseAPIKey("name", s) },
	"secret":  func(s string) (fmt.Stringer, error) { return resource.ParseSecret("name", s) },
	"version": func(s string) (fmt.Stringer, error) { return resource.ParseSecretVersion("name", s) },
	"trust":   func(s string) (fmt.Stringer, error) { return resource.ParseOIDCTrust("name", s) },
	"sandbox": func(s string) (fmt.Stringer, error) { return resource.ParseSandbox("name", s) },
}

var good = map[string][]string{
	"team":   {"teams/a", "teams/ml-research-2", "teams/" + strings.Repeat("a", 63)},
	"member": {"teams/ml/members/ada@example.com", "teams/ml/members/ci+bot_1.x-y"},
	"key":    {"teams/ml/apiKeys/0123456789ABCDEF"},
	"secret": {"teams/ml/secrets/HF_TOKEN", "teams/ml/secrets/-", "teams/ml/secrets/" + strings.Repeat("x", 255)},
	"version": {"teams/ml/secrets/HF_TOKEN/versions/1", "teams/ml/secrets/HF_TOKEN/versions/latest", "teams/ml/secrets/a/versions/9223372036854775807",
		"teams/ml/secrets/a/versions/stable", "teams/ml/secrets/a/versions/v2_x-Y", "teams/ml/secrets/a/versions/" + strings.Repeat("v", 63)},
	"trust":   {"teams/ml/oidcTrusts/github-main"},
	"sandbox": {"teams/ml/sandboxes/sb-0123abcd", "teams/-/sandboxes/sb-0123abcd"},
}

func TestNamesRoundTripAndFitOneParserOnly(t *testing.T) {
	for kind, names := range good {
		for _, name := range names {
			for other, parse := range parsers {
				got, err := parse(name)
				if (err == nil) != (other == kind) {
					t.Errorf("the %s parser on %q: %v", other, name, err)
				}
				if err == nil && got.String() != name {
					t.Errorf("%q becomes %q", name, got)
				}
			}
		}
	}
}

func TestErrorsSayWhichPart(t *testing.T) {
	tests := []struct{ kind, name, says string }{
		{"team", "", "teams/{team}"},
		{"team", "ml", "teams/{team}"},
		{"team", "teams/", "1 to 63 characters, not 0"},
		{"team", resource.AllTeams, "starts with a letter"},
		{"team", "teams/ml/", "form teams/{team}"},
		{"team", "/teams/ml", "form teams/{team}"},
		{"team", "teams/ML", "a team's id has only a-z"},
		{"team", "teams/1a", "starts with a letter"},
		{"team", "teams/a-", "does not end in -"},
		{"team", "teams/" + strings.Repeat("a", 64), "not 64"},
		{"member", "teams/ml/members/Ada", "a user's id"},
		{"key", "teams/ml/apiKeys/cm-0123", "an API key's id"},
		{"secret", "teams/ml/secret/x", "form teams/{team}/secrets/{secret}"},
		{"secret", "teams/ML/secrets/x", "a team's id"},
		{"secret", "teams/ml/secrets/a b", "character 2"},
		{"secret", "teams/ml/secrets/é", "a secret's id"},
		{"secret", "teams/ml/secrets/a\x00", "a secret's id"},
		{"secret", "teams/ml/secrets/" + strings.Repeat("x", 256), "not 256"},
		{"secret", "teams/ml/secrets/x/versions/1", "form teams/{team}/secrets/{secret}"},
		{"version", "teams/ml/secrets/x/versions/0", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/01", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/+1", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/-1", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/Latest", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/9223372036854775808", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/LATEST", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/_a", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/1a", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/a.b", "a number from 1, latest, or an alias"},
		{"version", "teams/ml/secrets/x/versions/" + strings.Repeat("v", 64), "a number from 1, latest, or an alias"},
		{"secret", "teams/-/secrets/x", "a team's id"},
		{"sandbox", "teams/ML/sandboxes/sb-1", "a team's id"},
		{"sandbox", "teams/ml/sandboxes/SB", "a sandbox's id"},
		{"sandbox", "teams/ml/sandboxes/..", "a sandbox's id"},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.name, func(t *testing.T) {
			_, err := parsers[tt.kind](tt.name)
			e, ok := errdefs.As(err)
			if !ok || e.Kind != errdefs.InvalidArgument || len(e.Violations) != 1 || e.Violations[0].Subject != "name" {
				t.Fatalf("err = %v, want one violation of name", err)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("err = %q, want it to say %q", err, tt.says)
			}
		})
	}
}

func TestErrorsDoNotRepeatWhatWasSent(t *testing.T) {
	const value = "hf_Marker Value!"
	for kind, parse := range parsers {
		for _, name := range []string{value, "teams/" + value, "teams/ml/secrets/" + value, "teams/ml/secrets/x/versions/" + value} {
			if _, err := parse(name); err == nil || strings.Contains(err.Error(), value) {
				t.Errorf("the %s parser says %v", kind, err)
			}
		}
	}
}

func TestVersionNumber(t *testing.T) {
	for v, want := range map[string]struct {
		number int64
		alias  string
	}{"latest": {}, "1": {1, ""}, "42": {42, ""}, "stable": {0, "stable"}, "v1": {0, "v1"}} {
		n, err := resource.ParseSecretVersion("name", "teams/ml/secrets/x/versions/"+v)
		if err != nil || n.Number() != want.number || n.Alias() != want.alias {
			t.Errorf("version %s: number %d, alias %q, %v; want %+v", v, n.Number(), n.Alias(), err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, names := range good {
		for _, name := range names {
			f.Add(name)
		}
	}
	for _, s := range []string{"", "/", "teams//secrets/", "teams/ml/secrets/x/versions/0", "teams/\xff", "teams/-", strings.Repeat("/", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fits := 0
		for kind, parse := range parsers {
			n, err := parse(s)
			if err == nil {
				fits++
				if n.String() != s {
					t.Errorf("%s: %q becomes %q", kind, s, n)
				}
				continue
			}
			if errdefs.KindOf(err) != errdefs.InvalidArgument {
				t.Errorf("%s: %q gives %v", kind, s, err)
			}
		}
		if fits > 1 {
			t.Errorf("%q is the name of %d kinds", s, fits)
		}
	})
}
