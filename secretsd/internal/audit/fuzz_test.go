package audit_test

import (
	"testing"
	"time"

	"github.com/casemate/casemate/secretsd/internal/audit"
)

// FuzzCanonical moves the border between two neighbouring fields: entries that differ have hashes that differ, so that
// nothing can be moved from one field to the next under the same hash.
func FuzzCanonical(f *testing.F) {
	f.Add("ada", "k1", 0, int64(1))
	f.Add("", "\x00\x00\x00\x02k1", 4, int64(-1))
	f.Add("teams/ml", "teams/ml/secrets/A", 8, int64(0))
	f.Fuzz(func(t *testing.T, a, b string, border int, nanos int64) {
		at := time.Unix(0, nanos).UTC()
		all := a + b
		if border < 0 || border > len(all) {
			border = 0
		}
		for _, pair := range [][2]audit.Entry{
			{{Time: at, UserID: a, APIKeyID: b}, {Time: at, UserID: all[:border], APIKeyID: all[border:]}},
			{{Time: at, Action: a, Resource: b}, {Time: at, Action: all[:border], Resource: all[border:]}},
			{{Time: at, Reason: a, SandboxID: b}, {Time: at, Reason: all[:border], SandboxID: all[border:]}},
			{{Time: at, SandboxID: a, RequestID: b}, {Time: at, SandboxID: b, RequestID: a}},
			{{Time: at, Team: a}, {Time: at, UserID: "teams/" + a}},
		} {
			one, head := audit.Link(audit.Head{}, pair[0])
			other, _ := audit.Link(audit.Head{}, pair[1])
			if same := pair[0] == pair[1]; same != (one.Hash == other.Hash) {
				t.Errorf("%+v and %+v: the same is %v, and their hashes are %x and %x", pair[0], pair[1], same, one.Hash, other.Hash)
			}
			if next, _ := audit.Link(head, pair[0]); next.Hash == one.Hash || next.PrevHash != one.Hash {
				t.Errorf("%+v has the same hash in two places", pair[0])
			}
		}
	})
}
