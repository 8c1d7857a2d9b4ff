package manager_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// forgets runs a job, and expects its entries: their resources, all of one action and nobody's.
func (f *fixture) forgets(job func(context.Context) error, action string, resources ...string) {
	f.t.Helper()
	before := f.mark()
	must(f.t, job(f.t.Context()))
	var got []string
	for _, e := range f.entries(before) {
		if e.Action != action || e.UserID != "" || e.Decision != audit.Allowed {
			f.t.Errorf("entry %+v, want secretsd's own %s", e, action)
		}
		got = append(got, e.Resource)
	}
	slices.Sort(got)
	slices.Sort(resources)
	if d := cmp.Diff(resources, got); d != "" {
		f.t.Errorf("%s (-want +got):\n%s", action, d)
	}
	f.agrees(action)
}

// keyIDs are the keys of team ml that there are records of.
func (f *fixture) keyIDs() (ids []string) {
	f.t.Helper()
	list, _, err := f.ListAPIKeys(f.t.Context(), f.ada, "ml", secret.KeyPosition{}, 100)
	must(f.t, err)
	for _, k := range list {
		ids = append(ids, k.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestEndedKeysAreForgotten(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	revoked, rotated, valid := f.member("bob", identity.RoleMember), f.member("eve", identity.RoleMember), f.member("joe", identity.RoleMember)
	_, err := f.RevokeAPIKey(ctx, f.ada, "ml", revoked.APIKeyID)
	must(t, err)
	r, err := f.RotateAPIKey(ctx, rotated, "ml", "", time.Hour)
	must(t, err)
	name := func(id string) string { return secret.KeyName("ml", id) }

	f.now = f.now.Add(100 * day)
	f.forgets(f.ForgetEndedKeys, "key.purge") // without a retention they stay for ever
	f.KeyRetention = 100 * day
	f.forgets(f.ForgetEndedKeys, "key.purge") // not longer ago than that
	f.now = f.now.Add(time.Minute)
	f.forgets(f.ForgetEndedKeys, "key.purge", name(revoked.APIKeyID))
	f.now = f.now.Add(time.Hour) // the overlap
	f.forgets(f.ForgetEndedKeys, "key.purge", name(rotated.APIKeyID))
	f.now = f.now.Add(1000 * day)
	f.forgets(f.ForgetEndedKeys, "key.purge")
	want := []string{valid.APIKeyID, r.New.ID}
	slices.Sort(want)
	if d := cmp.Diff(want, f.keyIDs()); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	// What the forgotten key was replaced by works, and can be ended and replaced.
	again, err := f.RotateAPIKey(ctx, f.ada, "ml", r.New.ID, 0)
	if must(t, err); again.Old.RotatedFrom != "" {
		t.Errorf("the key still replaces %s, which is gone", again.Old.RotatedFrom)
	}
	_, err = f.RevokeAPIKey(ctx, f.ada, "ml", revoked.APIKeyID)
	wantReason(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
}

func TestIdleUsersAreForgotten(t *testing.T) {
	f := newFixture(t)
	f.KeyRetention = 90 * day
	ctx := t.Context()
	f.member("bob", identity.RoleMember)
	f.member("eve", identity.RoleMember)
	must(t, f.DeleteMember(ctx, f.ada, "ml", "bob"))
	f.forgets(f.ForgetIdleUsers, "user.purge") // his key is in lists, and says whose it was
	f.now = f.now.Add(91 * day)
	must(t, f.ForgetEndedKeys(ctx))
	f.forgets(f.ForgetIdleUsers, "user.purge", "users/bob")
	f.forgets(f.ForgetIdleUsers, "user.purge")
	f.member("bob", identity.RoleMember)
	f.forgets(f.ForgetIdleUsers, "user.purge")
}

// receipts are the sandboxes that there are receipts of, for the secret A.
func (f *fixture) receipts() (sandboxes []string) {
	f.t.Helper()
	list, _, err := f.ListSecretUses(f.t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A"}, secret.UseFilter{Limit: 100}, false)
	must(f.t, err)
	for _, u := range list {
		sandboxes = append(sandboxes, u.SandboxID)
	}
	return sandboxes
}

func TestReceiptsAreForgotten(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	for _, sandbox := range []string{"ended", "ended-late", "runs"} {
		f.released(sandbox, "")
	}
	end := func(sandbox string) {
		t.Helper()
		must(t, f.ReportSandboxes(t.Context(), f.ada, manager.Report{Ended: []string{sandbox}}))
	}
	end("ended")
	signed, err := f.Notary.Checkpoint(t.Context())
	must(t, err)
	f.now = f.now.Add(100 * day)
	end("ended-late")
	f.released("new", "")
	end("new")
	forgets := func(resources ...string) {
		t.Helper()
		before := f.mark()
		must(t, f.ForgetReceipts(t.Context()))
		var got []string
		for _, e := range f.entries(before) {
			got = append(got, e.Action+" "+e.Resource)
		}
		if d := cmp.Diff(resources, got); d != "" {
			t.Errorf("entries (-want +got):\n%s", d)
		}
	}
	f.ReceiptRetention = 50 * day
	forgets() // the log has their entries still
	f.change(func(w store.Writer) error { return w.RemoveAuditBefore(t.Context(), signed.Sequence) })
	forgets("receipt.purge receipts")
	if d := cmp.Diff([]string{"new", "runs", "ended-late"}, f.receipts()); d != "" {
		t.Errorf("receipts (-want +got):\n%s", d)
	}
	f.now = f.now.Add(51 * day)
	forgets("receipt.purge receipts")
	forgets()
	if d := cmp.Diff([]string{"new", "runs"}, f.receipts()); d != "" { // the one's entry is there, the other one runs
		t.Errorf("receipts (-want +got):\n%s", d)
	}
}

func TestRevocationsAreForgotten(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.secret("A", "one")
	f.secret("B", "one")
	f.released("runs", "")
	for _, name := range []string{"A", "B"} {
		_, _, err := f.RevokeSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: name, Version: 1})
		must(t, err)
	}
	f.forgets(f.ForgetRevocations, "revocation.purge")
	for _, name := range []string{"A", "B"} {
		_, err := f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: name, Purge: true})
		must(t, err)
	}
	f.forgets(f.ForgetRevocations, "revocation.purge", "revocations") // B's, whom nobody holds
	revoked := func() (names []string) {
		must(t, f.store.View(ctx, func(r store.Reader) error {
			list, err := r.Revoked(ctx, secret.Workload{Peer: sandboxd}, 0)
			names = nil // it may run again
			for _, r := range list {
				names = append(names, r.Name)
			}
			return err
		}))
		return names
	}
	if d := cmp.Diff([]string{"teams/ml/secrets/A/versions/1"}, revoked()); d != "" {
		t.Errorf("revoked (-want +got):\n%s", d)
	}
	must(t, f.ReportSandboxes(ctx, f.ada, manager.Report{Ended: []string{"runs"}}))
	f.forgets(f.ForgetRevocations, "revocation.purge", "revocations")
	f.forgets(f.ForgetRevocations, "revocation.purge")
}
