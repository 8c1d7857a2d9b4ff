package masking_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/masking"
	"github.com/casemate/casemate/pkg/redact"
)

func TestCheck(t *testing.T) {
	for value, want := range map[string]masking.Gap{
		"":                          masking.Short,
		"12345":                     masking.Short,
		"  1234 \n":                 masking.Short,
		"hunter2":                   masking.None,
		"hunter":                    masking.None,
		"password":                  masking.Common,
		"Password\n":                masking.Common,
		"passwords":                 masking.None,
		"000000":                    masking.Common,
		"121212121212":              masking.Common,
		"123123":                    masking.Common,
		"123412":                    masking.None,
		"geheim-äöü":                masking.None,
		strings.Repeat("x", 64<<10): masking.Common,
	} {
		if got := masking.Check(redact.New([]byte(value))); got != want {
			t.Errorf("%.20q: %q, want %q", value, got, want)
		}
	}
}
