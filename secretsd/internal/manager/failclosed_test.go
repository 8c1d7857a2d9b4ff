package manager_test

import (
	"errors"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var errDisk = errors.New("disk full")

func TestNoValueLeavesWithoutItsEntry(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "value")
	before := f.mark()
	f.store.appendErrs = []error{errDisk, errDisk}

	a, err := f.AccessSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A"})
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	if a.Value.Len() != 0 {
		t.Error("Access gave a value")
	}
	values, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: []secret.Ref{{Team: "ml", Name: "A"}}, SandboxID: "s"})
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	if len(values) != 0 {
		t.Error("BatchAccess gave a value")
	}
	if n := len(f.entries(before)); n != 0 {
		t.Errorf("%d entries were stored", n)
	}
	if _, err := f.AccessSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A"}); err != nil {
		t.Errorf("after the fault: %v", err)
	}
}

func TestDenialIsNotAnsweredWithoutItsEntry(t *testing.T) {
	f := newFixture(t)
	eve := identity.Caller{UserID: "eve", APIKeyID: "k2", Scopes: f.ada.Scopes}
	f.store.appendErrs = []error{errDisk}
	_, err := f.GetSecret(t.Context(), eve, "ml", "A")
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	_, err = f.GetSecret(t.Context(), eve, "ml", "A")
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// TestChangeIsNothingWithoutItsEntry makes every change with an entry that can't be stored, and expects nothing of it.
func TestChangeIsNothingWithoutItsEntry(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two")
	_, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})
	must(t, err)
	f.key("bob", "ml", f.now)
	_, _, err = f.CreateSecret(t.Context(), f.ada, manager.NewSecret{
		Team: "ml", Name: "DUE", Value: redact.New([]byte("due")), Expiry: manager.Expiry{TTL: time.Hour}, RequestID: "old",
	})
	must(t, err)
	f.now = f.now.Add(25 * time.Hour)
	f.secret("DELETED", "value")
	must(t, second(f.DeleteSecret(t.Context(), f.ada, manager.SecretDelete{Team: "ml", Name: "DELETED"})))
	before, dump := f.mark(), f.dump()
	ref := secret.Ref{Team: "ml", Name: "A", Version: 1}
	description := "new"
	ctx := t.Context()
	for name, change := range map[string]func() error{
		"CreateTeam":   func() error { _, err := f.CreateTeam(ctx, f.ada, "ops"); return err },
		"CreateMember": func() error { _, err := f.CreateMember(ctx, f.ada, "ml", "eve", identity.RoleMember); return err },
		"UpdateMember": func() error { _, err := f.UpdateMember(ctx, f.ada, "ml", "bob", identity.RoleAdmin); return err },
		"DeleteMember": func() error { return f.DeleteMember(ctx, f.ada, "ml", "bob") },
		"CreateAPIKey": func() error { _, _, err := f.CreateAPIKey(ctx, f.ada, manager.NewAPIKey{Team: "ml"}); return err },
		"CreateSecret": func() error {
			_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "B", Value: redact.New([]byte("x"))})
			return err
		},
		"UpdateSecret": func() error {
			_, err := f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", Description: &description})
			return err
		},
		"AddSecretVersion": func() error {
			_, _, err := f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: redact.New([]byte("x"))})
			return err
		},
		"RevokeSecretVersion":  func() error { _, _, err := f.RevokeSecretVersion(ctx, f.ada, ref); return err },
		"ReportSandboxes":      func() error { return f.ReportSandboxes(ctx, f.ada, manager.Report{Ended: []string{"sb"}}) },
		"DisableSecretVersion": func() error { _, err := f.DisableSecretVersion(ctx, f.ada, ref, ""); return err },
		"DestroySecretVersion": func() error { _, err := f.DestroySecretVersion(ctx, f.ada, ref, ""); return err },
		"PurgeSecret": func() error {
			return second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A", Purge: true}))
		},
		"CreateSecret, by request id": func() error {
			_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "B", RequestID: "r"})
			return err
		},
		"UndeleteSecret": func() error { return second(f.UndeleteSecret(ctx, f.ada, "ml", "DELETED", "")) },
		"Sweep":          func() error { return f.Sweep(ctx) },
		"ForgetRequests": func() error { return f.ForgetRequests(ctx) },
		"DeleteSecret":   func() error { return second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A"})) },
	} {
		f.store.spoilEntry = true
		wantReason(t, change(), errdefs.Unavailable, "AUDIT_UNAVAILABLE")
		if f.store.spoilEntry {
			t.Errorf("%s made no change", name)
		}
		if after := f.dump(); after != dump {
			t.Fatalf("%s changed the store without its entry:\n%s\n%s", name, dump, after)
		}
	}
	if n := len(f.entries(before)); n != 0 {
		t.Errorf("%d entries were stored", n)
	}
}

// dump is all that can be changed, as text.
func (f *fixture) dump() (text string) {
	f.t.Helper()
	ctx := f.t.Context()
	must(f.t, f.store.View(ctx, func(r store.Reader) error {
		teams, err := r.Teams(ctx, "", 10)
		must(f.t, err)
		members, err := r.Members(ctx, "ml", "", 10)
		must(f.t, err)
		keys, err := r.APIKeys(ctx, "ml", "", secret.KeyPosition{}, 10)
		must(f.t, err)
		secrets, err := r.Secrets(ctx, "ml", "", 10)
		must(f.t, err)
		revoked, err := r.Revoked(ctx, secret.Workload{Peer: sandboxd}, 0)
		must(f.t, err)
		text = sprint(teams, members, keys, secrets, revoked)
		for _, s := range secrets {
			versions, err := r.Versions(ctx, s, 0, 10)
			must(f.t, err)
			uses, _, err := r.Uses(ctx, s, secret.UseFilter{Limit: 10})
			must(f.t, err)
			text += sprint(versions, uses)
		}
		return nil
	}))
	return text
}
