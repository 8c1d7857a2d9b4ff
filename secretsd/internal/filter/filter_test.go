package filter_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/filter"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

var token = secret.Secret{
	Name: "HF_TOKEN", Description: "for pulls (of models)", Labels: map[string]string{"env": "prod", "app.io/tier": "", "n": "7"},
	LatestVersion: 3, CreateTime: at, UpdateTime: at.Add(time.Hour),
}

var gone = secret.Version{Number: 2, State: secret.Destroyed, Creator: "ada@example.com", CreateTime: at, DestroyTime: at.Add(time.Hour)}

func TestSecrets(t *testing.T) {
	for text, want := range map[string]bool{
		`name = "HF_TOKEN"`:          true,
		`name = HF_TOKEN`:            true,
		`name = "hf_token"`:          false,
		`name:TOKEN`:                 true,
		`name:"_TO"`:                 true,
		`name:X`:                     false,
		`name != "A"`:                true,
		`name < "I"`:                 true,
		`description:"pulls (of"`:    true,
		`labels.env = prod`:          true,
		`labels.env = "prod"`:        true,
		`labels.env=prod`:            true,
		`labels.env = test`:          false,
		`labels.env != test`:         true,
		`labels.nope = ""`:           false,
		`labels.nope != ""`:          true,
		`labels."app.io/tier" = ""`:  true,
		`labels.n = 7`:               true,
		`labels:env`:                 true,
		`labels:"app.io/tier"`:       true,
		`labels:nope`:                false,
		`latest_version = 3`:         true,
		`latest_version > 3`:         false,
		`latest_version >= -3`:       true,
		`latest_version < 4`:         true,
		`latest_version != 3`:        false,
		`expire_time:*`:              false,
		`create_time:*`:              true,
		`NOT expire_time:*`:          true,
		`-expire_time:*`:             true,
		`name:HF AND labels.env=dev`: false,
		`name:HF AND labels.env=prod AND latest_version<=3`:    true,
		`name:X OR labels.env=prod`:                            true,
		`(name:X OR labels.env=prod) AND NOT latest_version=9`: true,
		`name:X AND (name:X OR name:HF)`:                       false,
		`create_time = "2026-03-04T05:06:07Z"`:                 true,
		`create_time > "2026-03-04T05:06:07Z"`:                 false,
		`create_time >= "2026-03-04T06:06:07+01:00"`:           true,
		`update_time > "2026-03-04T05:06:07.5Z"`:               true,
		`create_time < "2027-01-01T00:00:00Z"`:                 true,
		`expire_time < "2027-01-01T00:00:00Z"`:                 false,
		`expire_time > "2020-01-01T00:00:00Z"`:                 false,
		`expire_time != "2020-01-01T00:00:00Z"`:                true,
		`  name:HF  `:                                          true,
	} {
		match, err := filter.Secrets(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := match(token); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "  "} {
		if match, err := filter.Secrets(text); match != nil || err != nil {
			t.Errorf("the empty filter %q: %v", text, err)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]bool{
		`state = DESTROYED`:  true,
		`state = "ENABLED"`:  false,
		`state != ENABLED`:   true,
		`version > 1`:        true,
		`creator:"@example"`: true,
		`creator = "ada"`:    false,
		`size_bytes = 0`:     true,
		`destroy_time:*`:     true,
		`destroy_time > "2026-03-04T05:06:07Z" AND state=DESTROYED`: true,
		`scheduled_destroy_time:*`:                                  false,
	} {
		match, err := filter.Versions(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := match(gone); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestMistakesHaveAPlace(t *testing.T) {
	for text, says := range map[string]string{
		`name =`:                             `at character 7: something is missing`,
		`name:A AND`:                         `at character 7: what follows is no condition`,
		`name = "x`:                          `at character 8: `,
		`name:A AND (name:B`:                 `at character 19: expected )`,
		`name:A name:B`:                      `at character 1: two conditions without AND`,
		`name`:                               `at character 1: no condition`,
		`"name"`:                             `at character 1: no condition`,
		`true`:                               `at character 1: no condition`,
		`value = "x"`:                        `at character 1: no field of these lists; there are create_time, `,
		`name:A AND data:"x"`:                `at character 12: no field`,
		`   data:"x"`:                        `at character 4: no field`,
		`labels = "x"`:                       `at character 1: no field`,
		`labels.env:prod`:                    `at character 1: no field`,
		`labels.a.b = c`:                     `at character 1: no field`,
		`name.x = "y"`:                       `at character 1: no field`,
		`labels.env < "x"`:                   `at character 1: a label is compared`,
		`latest_version = x`:                 `at character 1: this field is compared with a whole number`,
		`latest_version:3`:                   `at character 1: this field is compared with a whole number`,
		`latest_version = 1.5`:               `at character 18: no value`,
		`create_time > 5`:                    `at character 1: a time is written in quotes`,
		`create_time > "yesterday"`:          `at character 1: a time is written in quotes`,
		`create_time:"2026-01-01T00:00:00Z"`: `at character 1: of a time`,
		`name = name.x`:                      `at character 8: no value`,
		`f(name)`:                            `at character 1: there are no functions`,
		`name = f(x)`:                        `at character 8: no value`,
		`description:"é" AND data:"x"`:       `at character 21: no field`,
		`description:"é" AND (`:              `at character 22: `,
		strings.Repeat("x", 1001):            `has 1001 bytes, more than 1000`,
	} {
		_, err := filter.Secrets(text)
		e, ok := errdefs.As(err)
		if !ok || e.Kind != errdefs.InvalidArgument || len(e.Violations) != 1 || e.Violations[0].Subject != "filter" {
			t.Errorf("%s: %v, want a violation of filter", text, err)
			continue
		}
		if !strings.HasPrefix(e.Violations[0].Description, says) {
			t.Errorf("%s: %q, want %q...", text, e.Violations[0].Description, says)
		}
	}
}

var place = regexp.MustCompile(`^(at character [0-9]+: .|has [0-9]+ bytes)`)

// FuzzFilter expects of any text a filter or an error with a place in the text, and of a filter that it can be asked.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		``, `name:"a" AND labels.k = v`, `NOT (a OR b)`, `create_time > "2026-03-04T05:06:07Z"`, `-1 = 1`, `a(b(c(d`, `((((`, `"\"`,
		strings.Repeat("(", 1000), strings.Repeat("a(", 500), strings.Repeat("NOT ", 250), strings.Repeat("a.", 500), "\xff = \xfe",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		match, err := filter.Secrets(text)
		if spent := time.Since(start); spent > 5*time.Second {
			t.Fatalf("it took %v", spent)
		}
		if match != nil {
			match(token)
			match(secret.Secret{})
		}
		if err == nil {
			return
		}
		e, ok := errdefs.As(err)
		if match != nil || !ok || len(e.Violations) != 1 || !place.MatchString(e.Violations[0].Description) {
			t.Errorf("%q: %v, want an error with a place", text, err)
		}
	})
}
