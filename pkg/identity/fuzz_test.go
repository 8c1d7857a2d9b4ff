package identity_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/identity"
)

// FuzzParseWorkloadID: what is taken is a SPIFFE ID in its one form, with a path.
func FuzzParseWorkloadID(f *testing.F) {
	for _, s := range []string{"spiffe://casemate.local/sandboxd", "spiffe://a/b/c", "spiffe://a", "SPIFFE://a/b", "spiffe://a/%2e", "spiffe://a//b", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := identity.ParseWorkloadID(s)
		if err != nil {
			if !id.IsZero() {
				t.Errorf("%q is refused and is %v", s, id)
			}
			return
		}
		if id.String() != s || len(id.Path()) < 2 || strings.Contains(s, "..") && strings.Contains(s, "/../") || strings.ContainsAny(s, " ?#%@\x00") {
			t.Errorf("%q is taken for %v", s, id)
		}
	})
}
