package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

// TestRareUsesAreFound has a secret's uses far apart among others': some pages find nothing, and the list is whole.
func TestRareUsesAreFound(t *testing.T) {
	sqlite.SetMaxScan(t, 3)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "secretsd.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var want []int64
	for i := range 20 {
		uid := "common"
		if i == 2 || i == 9 || i == 10 {
			uid = "rare"
			want = append([]int64{int64(i + 1)}, want...)
		}
		err := s.AppendAudit(t.Context(), []audit.Entry{{
			Action: "version.use", Decision: audit.Allowed, Peer: "p", SandboxID: fmt.Sprint(i),
			Receipt: &audit.Receipt{SecretUID: uid, Version: 1, Count: 1},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int{1, 2, 10} {
		var got []int64
		pages, empty := 0, 0
		for f := (secret.UseFilter{Limit: limit}); pages == 0 || f.Before != 0; pages++ {
			err := s.View(t.Context(), func(r store.Reader) error {
				list, next, err := r.Uses(t.Context(), secret.Secret{UID: "rare"}, f)
				for _, u := range list {
					got = append(got, u.Sequence)
				}
				if len(list) == 0 {
					empty++
				}
				f.Before = next
				return err
			})
			if err != nil || pages > 20 {
				t.Fatalf("after %d pages: %v", pages, err)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || empty == 0 {
			t.Errorf("by %d: %v on %d pages, %d of them empty; want %v", limit, got, pages, empty, want)
		}
	}
}
