package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// released are the entries of a batch, one for each reference, with their receipts.
func released(peer, sandbox string, refs ...audit.Receipt) []audit.Entry {
	entries := make([]audit.Entry, len(refs))
	for i := range refs {
		entries[i] = entry("version.use")
		entries[i].Peer, entries[i].SandboxID = peer, sandbox
		refs[i].Index, refs[i].Count = i, len(refs)
		entries[i].Receipt = &refs[i]
	}
	return entries
}

// use is the receipt of such an entry.
func use(sequence int64, peer, sandbox string, r audit.Receipt, ended time.Time) secret.Use {
	return secret.Use{
		Sequence: sequence, Version: r.Version, Field: r.Field, EnvVar: r.EnvVar, Team: "ml", SandboxID: sandbox, UserID: "ada",
		APIKeyID: "k1", Workload: secret.Workload{Peer: peer}, RequestID: "q", Time: epoch, EndTime: ended,
	}
}

var (
	usedSecret = secret.Secret{UID: "u1", Team: "ml", Name: "A"}
	first      = audit.Receipt{SecretUID: "u1", Version: 1, EnvVar: "A"}
	field      = audit.Receipt{SecretUID: "u1", Version: 2, Field: "f", EnvVar: "B"}
	others     = audit.Receipt{SecretUID: "u2", Version: 1}
)

func testUses(t *testing.T, s store.Store) {
	ctx := t.Context()
	noError(t, s.AppendAudit(ctx, released("p", "one", first, others, field)))
	noError(t, s.AppendAudit(ctx, append(released("p", "two", others), released("q", "one", first)...)))

	var next int64
	uses := func(f secret.UseFilter, want ...secret.Use) {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 10
		}
		view(t, s, func(ctx context.Context, r store.Reader) error {
			var got []secret.Use
			var err error
			got, next, err = r.Uses(ctx, usedSecret, f)
			equal(t, "uses", got, want)
			return err
		})
	}
	never := time.Time{}
	a, b, c := use(1, "p", "one", first, never), use(3, "p", "one", field, never), use(5, "q", "one", first, never)
	uses(secret.UseFilter{}, c, b, a)
	equal(t, "after all of them", next, int64(0))
	uses(secret.UseFilter{Limit: 2}, c, b)
	equal(t, "after two", next, b.Sequence)
	uses(secret.UseFilter{Before: next}, a)
	equal(t, "after the last", next, int64(0))
	uses(secret.UseFilter{Version: 1}, c, a)
	uses(secret.UseFilter{Version: 7})
	uses(secret.UseFilter{RunningOnly: true, Limit: 1}, c)

	ended := epoch.Add(time.Hour)
	change(t, s, func(ctx context.Context, w store.Writer) error {
		ends, err := w.EndSandboxes(ctx, secret.Workload{Peer: "p"}, []string{"one", "unknown"}, ended)
		equal(t, "ended", ends, []secret.WorkloadSandbox{{Team: "ml", SandboxID: "one"}})
		noError(t, err)
		ends, err = w.EndSandboxes(ctx, secret.Workload{Peer: "p"}, []string{"one"}, ended.Add(1))
		equal(t, "ended once more", len(ends), 0)
		return err
	})
	a.EndTime, b.EndTime = ended, ended
	uses(secret.UseFilter{}, c, b, a)
	uses(secret.UseFilter{RunningOnly: true}, c)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for version, want := range map[int64]int{1: 1, 2: 0} {
			n, err := r.CountRunning(ctx, usedSecret, version)
			noError(t, err)
			equal(t, "running", n, want)
		}
		return nil
	})
}

// testReceiptAndEntryTogether: there is no receipt without its entry, and no entry that lacks its receipt.
func testReceiptAndEntryTogether(t *testing.T, s store.Store) {
	noError(t, s.AppendAudit(t.Context(), released("p", "one", first)))
	bad := append(released("p", "two", first), audit.Entry{}) // which can't be stored
	wantReason(t, s.AppendAudit(t.Context(), bad), errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	again := append(released("p", "three", first), released("p", "one", first)...)
	wantReason(t, s.AppendAudit(t.Context(), again), errdefs.FailedPrecondition, "SANDBOX_ALREADY_RESOLVED")
	view(t, s, func(ctx context.Context, r store.Reader) error {
		list, _, err := r.Uses(ctx, usedSecret, secret.UseFilter{Limit: 10})
		noError(t, err)
		equal(t, "uses", len(list), 1)
		entries, err := r.AuditEntries(ctx, "", 0, 10)
		equal(t, "entries", len(entries), 1)
		return err
	})
}

func testEndOthers(t *testing.T, s store.Store) {
	ctx := t.Context()
	for _, sandbox := range []string{"a", "b", "c"} {
		noError(t, s.AppendAudit(ctx, released("p", sandbox, first)))
	}
	noError(t, s.AppendAudit(ctx, released("q", "a", first)))
	var asOf int64
	view(t, s, func(ctx context.Context, r store.Reader) (err error) {
		asOf, err = r.NewestRunning(ctx, secret.Workload{Peer: "p"})
		equal(t, "newest", asOf, int64(3))
		noError(t, err)
		none, err := r.NewestRunning(ctx, secret.Workload{Peer: "r"})
		equal(t, "newest of none", none, int64(0))
		return err
	})
	noError(t, s.AppendAudit(ctx, released("p", "later", first)))
	change(t, s, func(ctx context.Context, w store.Writer) error {
		ends, err := w.EndOthers(ctx, secret.Workload{Peer: "p"}, asOf, []string{"b", "unknown"}, epoch)
		equal(t, "ended", ends, []secret.WorkloadSandbox{{Team: "ml", SandboxID: "a"}, {Team: "ml", SandboxID: "c"}})
		return err
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		ends, err := w.EndOthers(ctx, secret.Workload{Peer: "q"}, asOf+1, nil, epoch)
		equal(t, "all of q's", ends, []secret.WorkloadSandbox{{Team: "ml", SandboxID: "a"}})
		return err
	})
}

func testRevocations(t *testing.T, s store.Store) {
	ctx := t.Context()
	noError(t, s.AppendAudit(ctx, released("p", "one", first, first)))
	noError(t, s.AppendAudit(ctx, released("p", "two", field)))
	noError(t, s.AppendAudit(ctx, released("p", "three", others)))
	noError(t, s.AppendAudit(ctx, released("q", "four", first)))
	revoke := func(version int64) (id int64) {
		t.Helper()
		change(t, s, func(ctx context.Context, w store.Writer) (err error) {
			id, err = w.Revoke(ctx, secret.Revocation{SecretUID: "u1", Version: version, Name: "name", Time: epoch})
			return err
		})
		return id
	}
	revoked := func(peer string, after int64, want ...secret.Revoked) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.Revoked(ctx, secret.Workload{Peer: peer}, after)
			equal(t, "revoked", got, want)
			return err
		})
	}
	revoked("p", 0)
	one, two := revoke(1), revoke(2)
	if two <= one {
		t.Errorf("ids %d, %d", one, two)
	}
	revoked("p", 0, secret.Revoked{ID: one, Name: "name", SandboxID: "one"}, secret.Revoked{ID: two, Name: "name", SandboxID: "two"})
	revoked("p", one, secret.Revoked{ID: two, Name: "name", SandboxID: "two"})
	revoked("q", 0, secret.Revoked{ID: one, Name: "name", SandboxID: "four"})
	again := revoke(1)
	if again <= two {
		t.Errorf("revoked again as %d, after %d", again, two)
	}
	revoked("q", two, secret.Revoked{ID: again, Name: "name", SandboxID: "four"})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		_, err := w.EndSandboxes(ctx, secret.Workload{Peer: "p"}, []string{"one"}, epoch)
		noError(t, err)
		noError(t, w.LiftRevocation(ctx, usedSecret, 2))
		return w.LiftRevocation(ctx, usedSecret, 7)
	})
	revoked("p", 0)
	// The newest is gone, and its id is not given again.
	if next := revoke(2); next <= again {
		t.Errorf("id %d after %d", next, again)
	}
}

// testInstances has two instances of one peer, and sandboxes from before there were instances: each speaks for its own.
func testInstances(t *testing.T, s store.Store) {
	ctx := t.Context()
	one, two := secret.Workload{Peer: "p", Instance: "one"}, secret.Workload{Peer: "p", Instance: "two"}
	of := func(w secret.Workload) audit.Receipt { r := first; r.Instance = w.Instance; return r }
	for _, b := range []struct {
		by      secret.Workload
		sandbox string
	}{
		{one, "one-ends"}, {one, "one-runs"}, {two, "two-runs"}, {secret.Workload{Peer: "p"}, "old-one"}, {secret.Workload{Peer: "p"}, "old-two"},
	} {
		noError(t, s.AppendAudit(ctx, released("p", b.sandbox, of(b.by))))
	}
	noError(t, s.AppendAudit(ctx, released("q", "else", of(one))))
	change(t, s, func(ctx context.Context, w store.Writer) error {
		_, err := w.Revoke(ctx, secret.Revocation{SecretUID: "u1", Version: 1, Name: "name", Time: epoch})
		return err
	})
	sandboxes := func(list []secret.WorkloadSandbox, err error) (ids []string) {
		t.Helper()
		noError(t, err)
		for _, s := range list {
			ids = append(ids, s.SandboxID)
		}
		return ids
	}
	holders := func(what string, of secret.Workload, want ...string) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			var got []string
			list, err := r.Revoked(ctx, of, 0)
			for _, r := range list {
				got = append(got, r.SandboxID)
			}
			equal(t, what, got, want)
			return err
		})
	}
	holders("of one", one, "one-ends", "one-runs", "old-one", "old-two")
	holders("of two", two, "two-runs", "old-one", "old-two")
	holders("of no instance", secret.Workload{Peer: "p"}, "old-one", "old-two")
	view(t, s, func(ctx context.Context, r store.Reader) error {
		n, err := r.NewestRunning(ctx, one)
		equal(t, "newest", n, int64(5))
		return err
	})
	var none []string
	running := []string{"one-runs", "old-one", "two-runs", "else"}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		equal(t, "adopted", sandboxes(w.AdoptSandboxes(ctx, one, running)), []string{"old-one"})
		equal(t, "adopted again", sandboxes(w.AdoptSandboxes(ctx, one, running)), none)
		equal(t, "adopted by none", sandboxes(w.AdoptSandboxes(ctx, secret.Workload{Peer: "p"}, []string{"old-two"})), none)
		equal(t, "ended", sandboxes(w.EndOthers(ctx, one, 100, running, epoch)), []string{"one-ends"})
		equal(t, "others' that ended", sandboxes(w.EndSandboxes(ctx, one, []string{"two-runs", "else"}, epoch)), none)
		return nil
	})
	holders("of one afterwards", one, "one-runs", "old-one", "old-two")
	holders("of two afterwards", two, "two-runs", "old-two")
	change(t, s, func(ctx context.Context, w store.Writer) error {
		equal(t, "an old one", sandboxes(w.EndSandboxes(ctx, two, []string{"old-two"}, epoch)), []string{"old-two"})
		return nil
	})
	holders("of no instance afterwards", secret.Workload{Peer: "p"})
}
