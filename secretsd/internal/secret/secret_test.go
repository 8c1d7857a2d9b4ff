package secret_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func TestETag(t *testing.T) {
	seen := map[string]secret.Secret{}
	for _, s := range []secret.Secret{
		{UID: "a", Revision: 1}, {UID: "a", Revision: 2}, {UID: "b", Revision: 1}, {UID: "a/1", Revision: 1}, {UID: "a", Revision: 11},
	} {
		if other, taken := seen[s.ETag()]; taken {
			t.Errorf("%v and %v have the same etag", s, other)
		}
		seen[s.ETag()] = s
	}
}

func TestValidAt(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		key  secret.APIKey
		want bool
	}{
		"for ever":          {secret.APIKey{}, true},
		"not yet expired":   {secret.APIKey{ExpireTime: now.Add(1)}, true},
		"expired just now":  {secret.APIKey{ExpireTime: now}, false},
		"revoked":           {secret.APIKey{RevokeTime: now.Add(time.Hour)}, false},
		"revoked, not late": {secret.APIKey{ExpireTime: now.Add(1), RevokeTime: now}, false},
	} {
		if got := test.key.ValidAt(now); got != test.want {
			t.Errorf("%s: ValidAt = %v", name, got)
		}
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		secret.TeamName("ml"):            "teams/ml",
		secret.MemberName("ml", "a@b"):   "teams/ml/members/a@b",
		secret.KeyName("ml", "k"):        "teams/ml/apiKeys/k",
		secret.KeyName("", "k"):          "apiKeys/k",
		secret.FullName("ml", "A"):       "teams/ml/secrets/A",
		secret.VersionName("ml", "A", 3): "teams/ml/secrets/A/versions/3",
		secret.VersionName("ml", "A", 0): "teams/ml/secrets/A/versions/latest",
	} {
		if got != want {
			t.Errorf("name %q, want %q", got, want)
		}
	}
}

func TestCheckDescription(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "for the eval jobs\n\tof May": true, strings.Repeat("ä", 500): true,
		strings.Repeat("a", 501): false, "bell\a": false, "esc\x1b[2J": false,
	} {
		if err := secret.CheckDescription("d", text); (err == nil) != ok {
			t.Errorf("CheckDescription(%q) = %v", text, err)
		}
	}
}

func TestCheckLabels(t *testing.T) {
	many := map[string]string{}
	for i := range 33 {
		many[fmt.Sprint("k", i)] = ""
	}
	long := strings.Repeat("x", 64)
	for name, test := range map[string]struct {
		labels map[string]string
		ok     bool
	}{
		"none": {nil, true}, "some": {map[string]string{"team.io/env": "prod ü", "9": ""}, true},
		"longest":  {map[string]string{long[:63]: long[:63]}, true},
		"too many": {many, false}, "key too long": {map[string]string{long: ""}, false},
		"value too long": {map[string]string{"a": long}, false}, "empty key": {map[string]string{"": "x"}, false},
		"key with a space": {map[string]string{"a b": "x"}, false}, "control": {map[string]string{"a": "\n"}, false},
	} {
		err := secret.CheckLabels("secret.labels", test.labels)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if e, is := errdefs.As(err); err != nil && (!is || e.Violations[0].Subject != "secret.labels") {
			t.Errorf("%s: error %v does not name the field", name, err)
		}
	}
}
