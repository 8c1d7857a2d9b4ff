package manager_test

import (
	"fmt"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func TestLimits(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	ctx := t.Context()
	f.change(func(w store.Writer) error {
		s, err := w.Secret(ctx, "ml", "A")
		must(t, err)
		for s.LatestVersion < secret.MaxVersions {
			s.LatestVersion++
			must(t, w.CreateVersion(ctx, s, secret.Version{Number: s.LatestVersion, State: secret.Enabled, CreateTime: f.now}, []byte{}))
		}
		must(t, w.UpdateSecret(ctx, s))
		for i := range secret.MaxSecrets - 1 {
			name := fmt.Sprint("S", i)
			must(t, w.CreateSecret(ctx, secret.Secret{UID: name, Team: "ml", Name: name, CreateTime: f.now, UpdateTime: f.now}))
		}
		for i := range secret.MaxMembers - 1 {
			user := fmt.Sprint("user", i)
			must(t, w.EnsureUser(ctx, secret.User{ID: user, CreateTime: f.now}))
			must(t, w.CreateMember(ctx, secret.Member{Team: "ml", UserID: user, Role: identity.RoleMember, CreateTime: f.now}))
		}
		for i := range secret.MaxAPIKeys {
			must(t, w.CreateAPIKey(ctx, secret.APIKey{ID: fmt.Sprint("key", i), UserID: "ada", Team: "ml", Scopes: f.ada.Scopes, CreateTime: f.now}))
		}
		return nil
	})
	f.change(func(w store.Writer) error {
		for i := range secret.MaxTeams - 1 {
			must(t, w.CreateTeam(ctx, secret.Team{ID: fmt.Sprint("t", i), CreateTime: f.now}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte{1}}))
		}
		return nil
	})
	_, err := f.CreateTeam(ctx, f.ada, "one-more")
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_TEAMS")
	value := redact.New([]byte("x"))
	_, _, err = f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: value})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_VERSIONS")
	_, _, err = f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "B"})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_SECRETS")
	_, err = f.CreateMember(ctx, f.ada, "ml", "eve", identity.RoleMember)
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_MEMBERS")
	_, _, err = f.CreateAPIKey(ctx, f.ada, manager.NewAPIKey{Team: "ml"})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_API_KEYS")

	// Making room helps.
	_, err = f.DestroySecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1}, "")
	must(t, err)
	_, _, err = f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: value})
	must(t, err)
	must(t, second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "S1", Purge: true})))
	_, _, err = f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "B"})
	must(t, err)
	must(t, f.DeleteMember(ctx, f.ada, "ml", "user1"))
	_, err = f.CreateMember(ctx, f.ada, "ml", "eve", identity.RoleMember)
	must(t, err)
	_, err = f.RevokeAPIKey(ctx, f.ada, "ml", "key1")
	must(t, err)
	_, _, err = f.CreateAPIKey(ctx, f.ada, manager.NewAPIKey{Team: "ml"})
	must(t, err)
}
