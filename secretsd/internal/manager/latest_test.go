package manager_test

import (
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func TestLatest(t *testing.T) {
	f := newFixture(t)
	f.secret("A")
	latest := secret.Ref{Team: "ml", Name: "A"}
	number := func(n int64) secret.Ref { return secret.Ref{Team: "ml", Name: "A", Version: n} }
	wantValue := func(value string) {
		t.Helper()
		a, err := f.AccessSecretVersion(t.Context(), f.ada, latest)
		if err != nil || !a.Value.Equal(redact.New([]byte(value))) {
			t.Errorf("latest is %s, %v; want the value %q", a.Name, err, value)
		}
	}
	wantError := func(kind errdefs.Kind, reason string) {
		t.Helper()
		_, err := f.AccessSecretVersion(t.Context(), f.ada, latest)
		wantReason(t, err, kind, reason)
	}
	wantError(errdefs.NotFound, "VERSION_NOT_FOUND")
	for _, v := range []string{"one", "two", "three"} {
		_, _, err := f.AddSecretVersion(t.Context(), f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: redact.New([]byte(v))})
		must(t, err)
		wantValue(v)
	}
	_, err := f.DestroySecretVersion(t.Context(), f.ada, number(3), "")
	must(t, err)
	wantValue("two")
	_, err = f.DisableSecretVersion(t.Context(), f.ada, number(2), "")
	must(t, err)
	wantError(errdefs.FailedPrecondition, "VERSION_DISABLED") // it does not fall back to one that was replaced
	_, err = f.EnableSecretVersion(t.Context(), f.ada, number(2), "")
	must(t, err)
	wantValue("two")
	for n := range int64(2) {
		_, err := f.DestroySecretVersion(t.Context(), f.ada, number(n+1), "")
		must(t, err)
	}
	wantError(errdefs.FailedPrecondition, "VERSION_DESTROYED")
	v, _, err := f.AddSecretVersion(t.Context(), f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: redact.New([]byte("four"))})
	if err != nil || v.Number != 4 {
		t.Errorf("version %d, %v; want number 4, since numbers are never used again", v.Number, err)
	}
	wantValue("four")
}

func TestSecretMadeAgainIsAnotherOne(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "old")
	first, err := f.GetSecret(t.Context(), f.ada, "ml", "A")
	must(t, err)
	must(t, second(f.DeleteSecret(t.Context(), f.ada, manager.SecretDelete{Team: "ml", Name: "A", Purge: true})))
	f.secret("A", "new")
	second, err := f.GetSecret(t.Context(), f.ada, "ml", "A")
	must(t, err)
	if first.UID == second.UID || first.ETag() == second.ETag() {
		t.Error("a secret that was made again has the uid or etag of the one before")
	}
}

// TestMovedCiphertextDoesNotOpen swaps rows beside the manager, as someone with the database could.
func TestMovedCiphertextDoesNotOpen(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two")
	ctx := t.Context()
	f.change(func(w store.Writer) error {
		s, err := w.Secret(ctx, "ml", "A")
		must(t, err)
		sealed, err := w.Ciphertext(ctx, s, 1)
		must(t, err)
		s.LatestVersion++
		must(t, w.CreateVersion(ctx, s, secret.Version{Number: s.LatestVersion, State: secret.Enabled, CreateTime: f.now, Size: 3}, sealed))
		return w.UpdateSecret(ctx, s)
	})
	before := f.mark()
	_, err := f.AccessSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A"})
	if err == nil || errdefs.KindOf(err) != errdefs.Internal {
		t.Errorf("error = %v, want an internal one", err)
	}
	_, err = f.BatchAccess(ctx, f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})
	if err == nil || errdefs.KindOf(err) != errdefs.Internal {
		t.Errorf("error = %v, want an internal one", err)
	}
	if entries := f.entries(before); len(entries) != 2 || entries[0].Reason != "INTERNAL" || entries[1].Reason != "INTERNAL" {
		t.Errorf("entries %+v, want two denials for INTERNAL", entries)
	}
}
