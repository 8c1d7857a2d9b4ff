package manager_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

const sandboxd = "spiffe://casemate.local/sandboxd"

// faults is the real store with a queue of errors in front: each call takes the next of its kind, nil to pass. It runs every
// function twice, as a store may.
type faults struct {
	store.Store
	appendErrs, recordErrs []error
	// beforeAppend is called once, by the next append.
	beforeAppend func()
	// spoilEntry makes the last audit entry of the next change one that can't be stored.
	spoilEntry bool
}

func (f *faults) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	if before := f.beforeAppend; before != nil {
		f.beforeAppend = nil
		before()
	}
	if len(f.appendErrs) > 0 {
		err := f.appendErrs[0]
		f.appendErrs = f.appendErrs[1:]
		if err != nil {
			return audit.Unavailable(err)
		}
	}
	return f.Store.AppendAudit(ctx, entries)
}

func (f *faults) View(ctx context.Context, fn func(store.Reader) error) error {
	return f.Store.View(ctx, func(r store.Reader) error {
		if err := fn(r); err != nil {
			return err
		}
		return fn(r)
	})
}

func (f *faults) RecordKeyUses(ctx context.Context, uses []secret.KeyUse) error {
	if len(f.recordErrs) > 0 {
		err := f.recordErrs[0]
		f.recordErrs = f.recordErrs[1:]
		return err
	}
	return f.Store.RecordKeyUses(ctx, uses)
}

func (f *faults) Change(ctx context.Context, fn func(store.Writer) ([]audit.Entry, error)) error {
	again := errors.New("once more")
	if err := f.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		if _, err := fn(w); err != nil {
			return nil, err
		}
		return nil, again
	}); !errors.Is(err, again) {
		return err
	}
	return f.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		entries, err := fn(w)
		if f.spoilEntry && len(entries) > 0 {
			f.spoilEntry, entries[len(entries)-1].Action = false, ""
		}
		return entries, err
	})
}

// fixture is a manager over a real store with the team ml, whose only member is the caller ada, its owner.
type fixture struct {
	*manager.Manager
	t     *testing.T
	dir   string
	store *faults
	now   time.Time
	ada   identity.Caller
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "secretsd.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	keys := envelope.NewKeyRing(envelope.NewSafe(filepath.Join(dir, "kek.json"), nil), nil)
	must(t, keys.Unseal(t.Context(), true, nil))
	f := &fixture{t: t, dir: dir, store: &faults{Store: s}, now: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)}
	_, key, err := ed25519.GenerateKey(nil)
	must(t, err)
	now := func() time.Time { return f.now }
	f.Manager = manager.New(manager.Config{
		Store: f.store, Keys: keys, Resolvers: []string{sandboxd}, Retention: secret.DefaultRetention,
		Notary: notary.New(notary.Config{Store: f.store, Key: key, Now: now}), Feed: &audit.Feed{},
		Now: now, RequestID: func(context.Context) string { return "request-1" },
	})
	f.change(func(w store.Writer) error {
		return w.EnsureUser(t.Context(), secret.User{ID: "ada", Operator: true, CreateTime: f.now})
	})
	f.ada = identity.Caller{
		UserID: "ada", APIKeyID: "k1", Peer: sandboxd, Operator: true, Personal: true,
		Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead},
	}
	_, err = f.CreateTeam(t.Context(), f.ada, "ml")
	must(t, err)
	f.ada.Teams = map[string]identity.Role{"ml": identity.RoleOwner}
	_, err = f.Notary.Checkpoint(t.Context()) // as secretsd makes one before it serves
	must(t, err)
	return f
}

// change changes the store beside the manager.
func (f *fixture) change(fn func(store.Writer) error) {
	f.t.Helper()
	must(f.t, f.store.Store.Change(f.t.Context(), func(w store.Writer) ([]audit.Entry, error) {
		return []audit.Entry{{Time: f.now, Action: "test", Decision: audit.Allowed}}, fn(w)
	}))
}

// secret makes a secret in team ml with one version for each value.
func (f *fixture) secret(name string, values ...string) {
	f.t.Helper()
	_, _, err := f.CreateSecret(f.t.Context(), f.ada, manager.NewSecret{Team: "ml", Name: name})
	must(f.t, err)
	for _, v := range values {
		_, _, err := f.AddSecretVersion(f.t.Context(), f.ada, manager.NewVersion{Team: "ml", Name: name, Value: redact.New([]byte(v))})
		must(f.t, err)
	}
}

// entries returns the audit log after a sequence.
func (f *fixture) entries(after int64) (list []audit.Entry) {
	f.t.Helper()
	must(f.t, f.store.View(f.t.Context(), func(r store.Reader) (err error) {
		list, err = r.AuditEntries(f.t.Context(), "", after, 10000)
		return err
	}))
	return list
}

// mark returns where the audit log ends now.
func (f *fixture) mark() int64 {
	f.t.Helper()
	list := f.entries(0)
	return list[len(list)-1].Sequence
}

// key stores a key for a user, whom it makes, as a member of team ml.
func (f *fixture) key(user string, team string, expire time.Time) apikey.Key {
	f.t.Helper()
	key, err := apikey.Generate()
	must(f.t, err)
	f.change(func(w store.Writer) error {
		ctx := f.t.Context()
		must(f.t, w.EnsureUser(ctx, secret.User{ID: user, CreateTime: f.now}))
		if _, err := w.Member(ctx, "ml", user); errdefs.KindOf(err) == errdefs.NotFound {
			must(f.t, w.CreateMember(ctx, secret.Member{Team: "ml", UserID: user, Role: identity.RoleMember, CreateTime: f.now}))
		}
		return w.CreateAPIKey(ctx, secret.APIKey{
			ID: key.ID(), Hash: key.Hash(), UserID: user, Team: team, Scopes: []identity.Scope{identity.ScopeRun},
			CreateTime: f.now, ExpireTime: expire,
		})
	})
	return key
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantReason(t testing.TB, err error, kind errdefs.Kind, reason string) {
	t.Helper()
	if errdefs.KindOf(err) != kind || errdefs.ReasonOf(err) != reason {
		t.Errorf("error = %v (kind %d, reason %q), want kind %d, reason %s", err, errdefs.KindOf(err), errdefs.ReasonOf(err), kind, reason)
	}
}
