package manager_test

import (
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// TestClockJumps has the clock jump forth and back, by years, between calls. What happens stays in order: by sequence in the
// audit log, by number in versions. Times are what the clock said; a key is valid when the clock says that it is.
func TestClockJumps(t *testing.T) {
	f := newFixture(t)
	ctx, start := t.Context(), f.now
	f.secret("A", "0")
	record, key, err := f.CreateAPIKey(ctx, f.ada, manager.NewAPIKey{Team: "ml", TTL: time.Hour})
	must(t, err)
	before := f.mark()

	jumps := []time.Duration{0, 30 * time.Minute, -time.Minute, 2 * time.Hour, -90 * time.Minute, 10 * 365 * 24 * time.Hour, -60 * 365 * 24 * time.Hour, 1, 0}
	for i, jump := range jumps {
		f.now = start.Add(jump)
		v, _, err := f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: redact.New([]byte{byte('1' + i)})})
		must(t, err)
		if v.Number != int64(i+2) || !v.CreateTime.Equal(f.now) {
			t.Errorf("after a jump of %v: version %d of %v", jump, v.Number, v.CreateTime)
		}
		got, err := f.AccessSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A"})
		must(t, err)
		if got.Name != secret.VersionName("ml", "A", v.Number) {
			t.Errorf("after a jump of %v latest is %s, want the one that was added last", jump, got.Name)
		}
		_, err = f.Authenticate(ctx, key, "")
		if expired := jump >= time.Hour; expired != (err != nil) {
			t.Errorf("after a jump of %v a key that is valid for an hour: %v", jump, err)
		}
		if err != nil {
			wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
		}
		_, _, err = f.CreateAPIKey(ctx, f.ada, manager.NewAPIKey{Team: "ml"})
		must(t, err)
	}
	// A key that was revoked stays revoked, whatever the clock says.
	f.now = start.Add(30 * time.Minute)
	_, err = f.RevokeAPIKey(ctx, f.ada, "ml", record.ID)
	must(t, err)
	f.now = start.Add(-time.Hour)
	_, err = f.Authenticate(ctx, key, "")
	wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")

	entries := f.entries(before)
	if len(entries) != 3*len(jumps)+1 {
		t.Errorf("%d entries, want three for each jump and the revocation", len(entries))
	}
	back := 0
	for i, e := range entries {
		if e.Sequence != before+int64(i)+1 {
			t.Errorf("entry %d has sequence %d", i, e.Sequence)
		}
		if i > 0 && e.Time.Before(entries[i-1].Time) {
			back++
		}
	}
	if back < 3 {
		t.Errorf("the times of the log go back %d times, and the clock did more often", back)
	}
	must(t, f.store.View(ctx, func(r store.Reader) error {
		rep, err := audit.Verify(ctx, r)
		if rep.Broken != 0 {
			t.Error(rep.Detail)
		}
		return err
	}))
	// A list in pages of one has every key once, though their times do not follow their making.
	found := map[string]bool{}
	var after secret.KeyPosition
	for more := true; more; {
		var list []secret.APIKey
		list, more, err = f.ListAPIKeys(ctx, f.ada, "ml", after, 1)
		must(t, err)
		if len(list) != 1 || found[list[0].ID] {
			t.Fatalf("a page of %d keys, after %d", len(list), len(found))
		}
		found[list[0].ID] = true
		after = secret.KeyPosition{CreateTime: list[0].CreateTime, ID: list[0].ID}
	}
	if len(found) != len(jumps)+1 {
		t.Errorf("%d keys in pages, want %d", len(found), len(jumps)+1)
	}
}
