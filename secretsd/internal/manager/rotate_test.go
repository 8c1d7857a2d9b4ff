package manager_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

// fragile is the real store and the real lock of a key, which die together at the n-th of what they are asked to make
// durable: before it or just after it. From then on nothing works, as for a process that was killed.
type fragile struct {
	store.Store
	envelope.Lock

	mu    sync.Mutex
	left  int
	after bool
}

var errKilled = errors.New("killed")

func (f *fragile) step(do func() error) error {
	f.mu.Lock()
	f.left--
	dies, dead := f.left == -1, f.left < -1
	f.mu.Unlock()
	if dead || dies && !f.after {
		return errKilled
	}
	if err := do(); err != nil || !dies {
		return err
	}
	return errKilled
}

func (f *fragile) Change(ctx context.Context, fn func(store.Writer) ([]audit.Entry, error)) error {
	return f.step(func() error { return f.Store.Change(ctx, fn) })
}

func (f *fragile) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	return f.step(func() error { return f.Store.AppendAudit(ctx, entries) })
}

// New is asked for a key whenever the key-encryption key is about to be stored.
func (f *fragile) New(ctx context.Context) (key []byte, kept envelope.Kept, err error) {
	err = f.step(func() (err error) {
		key, kept, err = f.Lock.New(ctx)
		return err
	})
	return key, kept, err
}

// installation is a data directory with several teams and many values, opened again and again.
type installation struct {
	t      *testing.T
	dir    string
	values map[secret.Ref]string
	caller identity.Caller
}

// testKey seals the key-encryption key of installations.
const testKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

func noRequestID(context.Context) string { return "" }

// open opens the installation with something that dies after so many steps; a negative number never does.
func (i *installation) open(steps int, after bool) (*manager.Manager, *sqlite.Store) {
	i.t.Helper()
	s, err := sqlite.Open(i.t.Context(), filepath.Join(i.dir, "secretsd.db"))
	must(i.t, err)
	key := func() ([]byte, error) { return []byte(testKey), nil }
	f := &fragile{Store: s, Lock: envelope.KeyLock(key), left: steps, after: after}
	if steps < 0 {
		f.left = 1 << 30
	}
	keys := envelope.NewKeyRing(envelope.NewSafe(filepath.Join(i.dir, "kek.json"), f), nil)
	must(i.t, keys.Unseal(i.t.Context(), true, nil))
	return manager.New(manager.Config{
		Store: f, Keys: keys, Resolvers: []string{sandboxd}, Now: time.Now, RequestID: noRequestID,
	}), s
}

func newInstallation(t *testing.T, teams, versions int) *installation {
	t.Helper()
	i := &installation{t: t, dir: t.TempDir(), values: map[secret.Ref]string{}, caller: identity.Caller{
		UserID: "ada", APIKeyID: "k1", Operator: true, Teams: map[string]identity.Role{},
		Scopes: []identity.Scope{identity.ScopeManage, identity.ScopeRead},
	}}
	m, s := i.open(-1, false)
	ctx := t.Context()
	must(t, s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		return []audit.Entry{{Time: time.Now(), Action: "test", Decision: audit.Allowed}},
			w.EnsureUser(ctx, secret.User{ID: "ada", Operator: true, CreateTime: time.Now()})
	}))
	for n := range teams {
		team := fmt.Sprintf("team%d", n)
		_, err := m.CreateTeam(ctx, i.caller, team)
		must(t, err)
		i.caller.Teams[team] = identity.RoleAdmin
		_, _, err = m.CreateSecret(ctx, i.caller, manager.NewSecret{Team: team, Name: "A"})
		must(t, err)
		for v := range versions {
			i.add(m, team, fmt.Sprintf("value %d of %s", v+1, team))
		}
	}
	must(t, s.Close())
	return i
}

func (i *installation) add(m *manager.Manager, team, value string) {
	i.t.Helper()
	v, _, err := m.AddSecretVersion(i.t.Context(), i.caller, manager.NewVersion{Team: team, Name: "A", Value: redact.New([]byte(value))})
	must(i.t, err)
	i.values[secret.Ref{Team: team, Name: "A", Version: v.Number}] = value
}

// check expects every value to be there.
func (i *installation) check(m *manager.Manager) {
	i.t.Helper()
	for ref, want := range i.values {
		a, err := m.AccessSecretVersion(i.t.Context(), i.caller, ref)
		if err != nil || string(a.Value.Reveal()) != want {
			i.t.Fatalf("%s: %v", ref.VersionName(), err)
		}
	}
}

// TestRotationsSurviveAKillAtEveryStep begins a rotation of the key-encryption key and of every data key, kills it before
// and just after each thing that it makes durable, and expects all values to open at any time and the next run to finish.
func TestRotationsSurviveAKillAtEveryStep(t *testing.T) {
	for _, after := range []bool{false, true} {
		kills := 0
		for ; ; kills++ {
			i := newInstallation(t, 3, 2)
			m, s := i.open(kills, after)
			err := i.rotateAll(m)
			must(t, s.Close())
			if err != nil && !errors.Is(err, errKilled) && errdefs.ReasonOf(err) != "KEK_UNAVAILABLE" && errdefs.ReasonOf(err) != "AUDIT_UNAVAILABLE" {
				t.Fatal(err)
			}
			killed := err != nil

			m, s = i.open(-1, false)
			i.check(m)
			i.add(m, "team1", "in the middle of it")
			if _, err := m.CreateTeam(t.Context(), i.caller, "late"); err != nil {
				t.Fatal(err)
			}
			must(t, m.Rotate(t.Context()))
			i.check(m)
			i.finished(m)
			must(t, s.Close())
			if !killed {
				break
			}
		}
		if kills < 12 { // 1 entry, 1 rotated file, 1 batch, 1 retirement with its file, and 3 of each of 3 teams
			t.Errorf("the rotations were done after %d steps", kills)
		}
	}
}

func (i *installation) rotateAll(m *manager.Manager) error {
	if _, err := m.RotateKEK(i.t.Context(), i.caller); err != nil {
		return err
	}
	for team := range i.caller.Teams {
		if _, err := m.RotateDataKey(i.t.Context(), i.caller, team); err != nil {
			return err
		}
	}
	return m.Rotate(i.t.Context())
}

// finished expects that no rotation is under way, and that no retired key is there or needed.
func (i *installation) finished(m *manager.Manager) {
	i.t.Helper()
	kek, err := m.GetKEKStatus(i.t.Context(), i.caller)
	must(i.t, err)
	if len(kek.RetiredIDs) > 0 || kek.OnRetired > 0 || kek.Teams != int64(len(i.caller.Teams))+1 {
		i.t.Fatalf("key-encryption key: %+v", kek)
	}
	for team := range i.caller.Teams {
		dek, err := m.GetDataKeyStatus(i.t.Context(), i.caller, team)
		must(i.t, err)
		if len(dek.RetiredIDs) > 0 || dek.OnRetired > 0 || dek.KEKID != kek.KeyID {
			i.t.Fatalf("data key of %s: %+v, want it wrapped by %s", team, dek, kek.KeyID)
		}
	}
}

func TestRotationReplacesEverything(t *testing.T) {
	i := newInstallation(t, 2, 70) // more than two batches
	m, s := i.open(-1, false)
	ctx := t.Context()
	before, err := m.GetDataKeyStatus(ctx, i.caller, "team0")
	must(t, err)
	kekBefore, err := m.GetKEKStatus(ctx, i.caller)
	must(t, err)
	began, err := m.RotateDataKey(ctx, i.caller, "team0")
	must(t, err)
	if began.KeyID == before.KeyID || !slices.Equal(began.RetiredIDs, []string{before.KeyID}) || began.OnRetired != 70 || began.Versions != 70 {
		t.Errorf("from %+v to %+v", before, began)
	}
	again, err := m.RotateDataKey(ctx, i.caller, "team0")
	if err != nil || again.KeyID != began.KeyID {
		t.Errorf("a second call, while a rotation is under way: %+v, %v", again, err)
	}
	i.add(m, "team0", "by the new key")
	if s, err := m.GetDataKeyStatus(ctx, i.caller, "team0"); err != nil || s.OnRetired != 70 || s.Versions != 71 {
		t.Errorf("a value that was added is sealed by the old key: %+v, %v", s, err)
	}
	kek, err := m.RotateKEK(ctx, i.caller)
	if err != nil || kek.KeyID == kekBefore.KeyID || kek.OnRetired != 2 || !slices.Equal(kek.RetiredIDs, []string{kekBefore.KeyID}) {
		t.Errorf("from %+v to %+v, %v", kekBefore, kek, err)
	}
	select {
	case <-m.RotationWanted():
	default:
		t.Error("nobody is told that there is something to do")
	}
	i.check(m)
	must(t, m.Rotate(ctx))
	i.check(m)
	after, err := m.GetDataKeyStatus(ctx, i.caller, "team0")
	must(t, err)
	if after.KeyID != began.KeyID || len(after.RetiredIDs) != 0 || after.OnRetired != 0 || after.Versions != 71 || after.KEKID != kek.KeyID {
		t.Errorf("afterwards: %+v", after)
	}
	v, err := m.GetSecretVersion(ctx, i.caller, secret.Ref{Team: "team0", Name: "A", Version: 1})
	if err != nil || v.DataKeyID != after.KeyID {
		t.Errorf("version 1 is sealed by %s, %v; want %s", v.DataKeyID, err, after.KeyID)
	}
	count := map[string]int{}
	list, _, err := m.ListAuditEntries(ctx, i.caller, manager.AllTeams, 0, 1000)
	must(t, err)
	for _, e := range list {
		count[e.Action]++
		own := slices.Contains([]string{"kek.rewrap", "kek.retire", "team.reseal", "team.retire_key"}, e.Action)
		if own != (e.UserID == "" && e.APIKeyID == "" && e.Action != "test") {
			t.Errorf("entry %d, %s, names user %q and key %q", e.Sequence, e.Action, e.UserID, e.APIKeyID)
		}
	}
	for action, want := range map[string]int{
		"kek.rotate": 1, "kek.rewrap": 1, "kek.retire": 1, "team.rotate_key": 1, "team.reseal": 3, "team.retire_key": 1,
	} {
		if count[action] != want {
			t.Errorf("%d entries of %s, want %d", count[action], action, want)
		}
	}
	must(t, s.Close())
}

// TestARowThatMovedIsNotSealedAnew puts one secret's ciphertext in another's place before a rotation: sealing it anew
// there would make it at home.
func TestARowThatMovedIsNotSealedAnew(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "mine")
	f.secret("B", "yours")
	ctx := t.Context()
	f.change(func(w store.Writer) error {
		a, err := w.Secret(ctx, "ml", "A")
		must(t, err)
		b, err := w.Secret(ctx, "ml", "B")
		must(t, err)
		sealed, err := w.Ciphertext(ctx, a, 1)
		must(t, err)
		return w.SetCiphertext(ctx, secret.SealedVersion{SecretUID: b.UID, Number: 1, Ciphertext: sealed})
	})
	_, err := f.RotateDataKey(ctx, f.ada, "ml")
	must(t, err)
	if err := f.Rotate(ctx); err == nil {
		t.Error("a row that moved was sealed anew")
	}
	if a, err := f.AccessSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "B"}); err == nil {
		t.Errorf("it opens: %d bytes", a.Value.Len())
	}
	_, err = f.DestroySecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "B", Version: 1}, "")
	must(t, err)
	must(t, f.Rotate(ctx))
	if _, err := f.AccessSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A"}); err != nil {
		t.Error(err)
	}
}

// TestRotateWhileCallersWork reads and adds values, and makes teams, all through two rotations.
func TestRotateWhileCallersWork(t *testing.T) {
	i := newInstallation(t, 2, 40)
	m, s := i.open(-1, false)
	ctx := t.Context()
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			ref := secret.Ref{Team: "team0", Name: "A", Version: int64(n%40) + 1}
			if a, err := m.AccessSecretVersion(ctx, i.caller, ref); err != nil || string(a.Value.Reveal()) != i.values[ref] {
				t.Errorf("%s: %v", ref.VersionName(), err)
				return
			}
		}
	})
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			if _, err := m.CreateTeam(ctx, i.caller, fmt.Sprintf("new%d", n)); err != nil {
				t.Error(err)
				return
			}
			if _, _, err := m.AddSecretVersion(ctx, i.caller, manager.NewVersion{Team: "team1", Name: "A", Value: redact.New([]byte("x"))}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 4 {
		must(t, i.rotateAll(m))
	}
	close(done)
	wg.Wait()
	must(t, m.Rotate(ctx))
	i.check(m)
	kek, err := m.GetKEKStatus(ctx, i.caller)
	if err != nil || kek.OnRetired != 0 || len(kek.RetiredIDs) != 0 {
		t.Errorf("%+v, %v", kek, err)
	}
	must(t, s.Close())

	// A restart finds every team's key.
	m, s = i.open(-1, false)
	i.check(m)
	list, _, err := m.ListTeams(ctx, i.caller, "", 1000)
	must(t, err)
	for _, team := range list {
		i.caller.Teams[team.ID] = identity.RoleAdmin
		if _, err := m.GetDataKeyStatus(ctx, i.caller, team.ID); err != nil {
			t.Error(err)
		}
	}
	must(t, s.Close())
}

func TestKEKThatCantBeStored(t *testing.T) {
	i := newInstallation(t, 1, 1)
	m, s := i.open(-1, false)
	must(t, os.MkdirAll(filepath.Join(i.dir, "kek.json.new", "full"), 0o700)) // where the new keyset is to be written
	before, err := m.GetKEKStatus(t.Context(), i.caller)
	must(t, err)
	_, err = m.RotateKEK(t.Context(), i.caller)
	wantReason(t, err, errdefs.Unavailable, "KEK_UNAVAILABLE")
	after, err := m.GetKEKStatus(t.Context(), i.caller)
	if err != nil || after.KeyID != before.KeyID || len(after.RetiredIDs) != 0 {
		t.Errorf("from %+v to %+v, %v", before, after, err)
	}
	list, _, err := m.ListAuditEntries(t.Context(), i.caller, manager.AllTeams, 0, 1000)
	must(t, err)
	if last := list[len(list)-1]; last.Action != "kek.rotate" || last.Decision != audit.Denied || last.Reason != "KEK_UNAVAILABLE" {
		t.Errorf("last entry %+v", last)
	}
	must(t, s.Close())
}
