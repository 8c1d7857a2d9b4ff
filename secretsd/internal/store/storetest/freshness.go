package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// readWhile keeps goroutines reading until stop is called, so that whatever a store keeps of what was read is kept.
func readWhile(t *testing.T, s store.Store, read func(ctx context.Context, r store.Reader) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := s.View(t.Context(), func(r store.Reader) error { return read(t.Context(), r) }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() { cancel(); wg.Wait() }
}

// testFreshness changes what others read all the time: a view that begins after a change was answered has it, and what it
// has is one state.
func testFreshness(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	pair := func(revision int64) [2]secret.Secret {
		return [2]secret.Secret{
			{UID: "a", Team: "ml", Name: "A", CreateTime: epoch, UpdateTime: epoch, Revision: revision},
			{UID: "b", Team: "ml", Name: "B", CreateTime: epoch, UpdateTime: epoch, Revision: revision},
		}
	}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		p := pair(0)
		return errors.Join(w.CreateSecret(ctx, p[0]), w.CreateSecret(ctx, p[1]))
	})
	stop := readWhile(t, s, func(ctx context.Context, r store.Reader) error {
		a, err := r.Secret(ctx, "ml", "A")
		if err != nil {
			return err
		}
		// What nobody keeps, so that a view has both kinds.
		entries, err := r.AuditEntries(ctx, "ml", 0, 1)
		if err != nil || len(entries) != 1 {
			return fmt.Errorf("%d entries: %w", len(entries), err)
		}
		b, err := r.Secret(ctx, "ml", "B")
		if err == nil && a.Revision != b.Revision {
			t.Errorf("a view has revision %d of one secret and %d of the other", a.Revision, b.Revision)
		}
		return err
	})
	for revision := range int64(150) {
		change(t, s, func(ctx context.Context, w store.Writer) error {
			p := pair(revision + 1)
			return errors.Join(w.UpdateSecret(ctx, p[0]), w.UpdateSecret(ctx, p[1]))
		})
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.Secret(ctx, "ml", "B")
			equal(t, "revision", got.Revision, revision+1)
			return err
		})
	}
	stop()
}

// testNothingOutlivesAChange reads what decides over access, changes it, and reads again, while others read it too.
func testNothingOutlivesAChange(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	token := secret.Secret{UID: "u", Team: "ml", Name: "A", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	version := secret.Version{Number: 1, State: secret.Enabled, CreateTime: epoch, Creator: "ada", Size: 1}
	key := secret.APIKey{ID: "k1", UserID: "ada", Team: "ml", Scopes: []identity.Scope{identity.ScopeRun}, CreateTime: epoch}
	bob := secret.Member{Team: "ml", UserID: "bob", Role: identity.RoleMember, CreateTime: epoch}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.CreateSecret(ctx, token), w.CreateVersion(ctx, token, version, []byte("sealed")), w.CreateAPIKey(ctx, key),
			w.EnsureUser(ctx, secret.User{ID: "bob", CreateTime: epoch}), w.CreateMember(ctx, bob))
	})
	// state is all that is read, as text; an error too is what a reader could keep.
	state := func(ctx context.Context, r store.Reader) string {
		k, err1 := r.APIKey(ctx, "k1")
		m, err2 := r.Member(ctx, "ml", "bob")
		all, err3 := r.Memberships(ctx, "bob")
		one, err4 := r.Secret(ctx, "ml", "A")
		v, err5 := r.Version(ctx, token, 1)
		newest, found, err6 := r.NewestVersion(ctx, token)
		sealed, err7 := r.Ciphertext(ctx, token, 1)
		u, known, err8 := r.User(ctx, "eve")
		dek, err9 := r.WrappedDEK(ctx, "ops")
		grants, err10 := r.Grants(ctx, token)
		team, err11 := r.Team(ctx, "ml")
		return fmt.Sprintln(team, err11, k, m, all, one, v, newest, found, sealed, u, known, dek, grants, err10, err1, err2, err3, err4, err5, err6, err7, err8, err9)
	}
	read := func() (text string) {
		view(t, s, func(ctx context.Context, r store.Reader) error { text = state(ctx, r); return nil })
		return text
	}
	stop := readWhile(t, s, func(ctx context.Context, r store.Reader) error { state(ctx, r); return nil })
	defer stop()
	disabled, destroyed := version, version
	disabled.State, destroyed.State, destroyed.DestroyTime = secret.Disabled, secret.Destroyed, epoch
	for name, fn := range map[string]func(ctx context.Context, w store.Writer) error{
		"RevokeAPIKey": func(ctx context.Context, w store.Writer) error { return w.RevokeAPIKey(ctx, "k1", epoch) },
		"SetRole": func(ctx context.Context, w store.Writer) error {
			return w.SetRole(ctx, "ml", "bob", identity.RoleAdmin)
		},
		"UpdateSecret": func(ctx context.Context, w store.Writer) error {
			next := token
			next.Revision++
			return w.UpdateSecret(ctx, next)
		},
		"UpdateVersion": func(ctx context.Context, w store.Writer) error { return w.UpdateVersion(ctx, token, disabled) },
		"EnsureUser": func(ctx context.Context, w store.Writer) error {
			return w.EnsureUser(ctx, secret.User{ID: "eve", CreateTime: epoch})
		},
		"CreateGrant": func(ctx context.Context, w store.Writer) error {
			return w.CreateGrant(ctx, token, secret.Grant{
				ID: "g1", UserID: "bob", Rights: []secret.Right{"use"}, Creator: "ada", CreateTime: epoch,
			})
		},
		"UpdateTeam": func(ctx context.Context, w store.Writer) error {
			return w.UpdateTeam(ctx, secret.Team{ID: "ml", Revision: 7, MaskOutput: true})
		},
		"CreateTeam": func(ctx context.Context, w store.Writer) error {
			return w.CreateTeam(ctx, secret.Team{ID: "ops", CreateTime: epoch}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte{1}})
		},
	} {
		before := read()
		// A change that fails and entries of reads leave all as it was.
		boom := errors.New("boom")
		if err := tryChange(t, s, func(ctx context.Context, w store.Writer) error { return errors.Join(fn(ctx, w), boom) }); !errors.Is(err, boom) {
			t.Errorf("%s: %v", name, err)
		}
		noError(t, s.AppendAudit(t.Context(), []audit.Entry{entry("version.access")}))
		equal(t, "state after what changes nothing", read(), before)
		change(t, s, fn)
		if read() == before {
			t.Errorf("%s was answered, and what was read before is read still", name)
		}
	}
	for name, fn := range map[string]func(ctx context.Context, w store.Writer) error{
		"Destroy":      func(ctx context.Context, w store.Writer) error { return w.UpdateVersion(ctx, token, destroyed) },
		"DeleteMember": func(ctx context.Context, w store.Writer) error { return w.DeleteMember(ctx, "ml", "bob") },
	} {
		before := read()
		change(t, s, fn)
		if read() == before {
			t.Errorf("%s was answered, and what was read before is read still", name)
		}
	}
	before := read()
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.DeleteSecret(ctx, token) })
	if read() == before {
		t.Error("DeleteSecret was answered, and what was read before is read still")
	}
}
