package manager_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
	"github.com/casemate/casemate/secretsd/internal/store/storetest"
)

// modelVersion is all that the model knows of a version.
type modelVersion struct {
	value   string
	state   secret.State
	destroy time.Time // when it waits to be destroyed
	sealed  []byte    // the ciphertext that must be gone with the value
}

// modelSecret is all that the model knows of a secret.
type modelSecret struct {
	versions                []modelVersion // number 1 first
	aliases                 map[string]int64
	ttl                     time.Duration
	expire, deleted, purged time.Time
}

// life is a secretsd and a model of it, which knows no store, no transaction and no job: only what the API promises.
type life struct {
	*manager.Manager
	ctx   context.Context
	dir   string
	store store.Store
	ada   identity.Caller
	now   time.Time
	model map[string]*modelSecret
	// erased are ciphertexts whose value was destroyed or purged.
	erased [][]byte
	// values and sandboxes count those that there were, so that each is another one.
	values, sandboxes int
}

const retention = 10 * 24 * time.Hour

var modelAliases = []string{"stable", "next"}

func (l *life) name(t *rapid.T) string { return rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name") }

func (l *life) value() string { l.values++; return fmt.Sprint("value-", l.values) }

// live is the model of a secret that can be changed.
func (l *life) live(name string) (*modelSecret, string) {
	s, ok := l.model[name]
	switch {
	case !ok:
		return nil, "SECRET_NOT_FOUND"
	case !s.deleted.IsZero():
		return nil, "SECRET_DELETED"
	}
	return s, ""
}

// readable says what the model promises of a reference: the value, or the reason why nobody gets it.
func (l *life) readable(ref secret.Ref) (value, reason string) {
	s, reason := l.live(ref.Name)
	if reason != "" {
		return "", reason
	}
	number := ref.Version
	if ref.Alias != "" {
		if number = s.aliases[ref.Alias]; number == 0 {
			return "", "ALIAS_NOT_FOUND"
		}
	}
	if number == 0 {
		for i, v := range s.versions {
			if v.state != secret.Destroyed {
				number = int64(i) + 1
			}
		}
		if number == 0 && len(s.versions) > 0 {
			return "", "VERSION_DESTROYED"
		}
	}
	if number < 1 || number > int64(len(s.versions)) {
		return "", "VERSION_NOT_FOUND"
	}
	v := s.versions[number-1]
	switch {
	case !s.expire.IsZero() && !l.now.Before(s.expire):
		return "", "SECRET_EXPIRED"
	case v.state == secret.Destroyed, l.due(v):
		return "", "VERSION_DESTROYED"
	case v.state == secret.Disabled:
		return "", "VERSION_DISABLED"
	}
	return v.value, ""
}

func (l *life) due(v modelVersion) bool { return !v.destroy.IsZero() && !l.now.Before(v.destroy) }

func (l *life) erase(v *modelVersion) {
	l.erased = append(l.erased, v.sealed)
	*v = modelVersion{state: secret.Destroyed}
}

// want compares what came of a call with what the model says must.
func want(t *rapid.T, what string, err error, reason string) bool {
	if errdefs.ReasonOf(err) != reason || (err == nil) != (reason == "") {
		t.Fatalf("%s: %v, want reason %q", what, err, reason)
	}
	return err == nil
}

// sealed reads a version's ciphertext from the store, to look for it when it must be gone.
func (l *life) sealed(t *rapid.T, name string, number int64) (sealed []byte) {
	err := l.store.View(l.ctx, func(r store.Reader) error {
		s, err := r.Secret(l.ctx, "ml", name)
		if err != nil {
			return err
		}
		sealed, err = r.Ciphertext(l.ctx, s, number)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func (l *life) Create(t *rapid.T) {
	name, value := l.name(t), l.value()
	n := manager.NewSecret{Team: "ml", Name: name, Value: redact.New([]byte(value))}
	n.Expiry.TTL = rapid.SampledFrom([]time.Duration{0, 0, 36 * time.Hour}).Draw(t, "ttl")
	_, v, err := l.CreateSecret(l.ctx, l.ada, n)
	if l.model[name] != nil {
		want(t, "create", err, "SECRET_EXISTS")
		return
	}
	if !want(t, "create", err, "") || v.Number != 1 {
		t.Fatalf("version %d, want 1", v.Number)
	}
	s := &modelSecret{aliases: map[string]int64{}}
	if n.Expiry.TTL > 0 {
		s.expire = l.now.Add(n.Expiry.TTL)
	}
	s.versions = []modelVersion{{value: value, state: secret.Enabled, sealed: l.sealed(t, name, 1)}}
	l.model[name] = s
}

func (l *life) Add(t *rapid.T) {
	name, value := l.name(t), l.value()
	ifChanged := rapid.Bool().Draw(t, "if changed")
	s, reason := l.live(name)
	held := int64(0)
	if ifChanged && s != nil && rapid.Bool().Draw(t, "the same") { // the value of the newest that is not destroyed
		for i, v := range s.versions {
			if v.state != secret.Destroyed {
				held, value = 0, v.value
				if v.state == secret.Enabled {
					held = int64(i) + 1
				}
			}
		}
	}
	v, unchanged, err := l.AddSecretVersion(l.ctx, l.ada, manager.NewVersion{
		Team: "ml", Name: name, Value: redact.New([]byte(value)), IfChanged: ifChanged,
	})
	if !want(t, "add", err, reason) {
		return
	}
	if unchanged != (held > 0) {
		t.Fatalf("unchanged %v of a value that version %d holds", unchanged, held)
	}
	if unchanged {
		if v.Number != held {
			t.Fatalf("version %d, want %d", v.Number, held)
		}
		return
	}
	s.versions = append(s.versions, modelVersion{value: value, state: secret.Enabled, sealed: l.sealed(t, name, v.Number)})
	if v.Number != int64(len(s.versions)) {
		t.Fatalf("version %d, want %d: numbers are given once", v.Number, len(s.versions))
	}
}

// ChangeState enables, disables or destroys a version.
func (l *life) ChangeState(t *rapid.T) {
	name, number := l.name(t), rapid.Int64Range(1, 4).Draw(t, "version")
	verb := rapid.SampledFrom([]string{"enable", "disable", "destroy"}).Draw(t, "verb")
	ref := secret.Ref{Team: "ml", Name: name, Version: number}
	call := map[string]func(context.Context, identity.Caller, secret.Ref, string) (secret.Version, error){
		"enable": l.EnableSecretVersion, "disable": l.DisableSecretVersion, "destroy": l.DestroySecretVersion,
	}[verb]
	_, err := call(l.ctx, l.ada, ref, "")
	s, reason := l.live(name)
	if s != nil && number > int64(len(s.versions)) {
		reason = "VERSION_NOT_FOUND"
	}
	var v *modelVersion
	if reason == "" {
		v = &s.versions[number-1]
		if verb != "destroy" && (v.state == secret.Destroyed || l.due(*v)) {
			reason = "VERSION_DESTROYED"
		}
	}
	if !want(t, verb, err, reason) {
		return
	}
	switch {
	case verb == "enable":
		v.state, v.destroy = secret.Enabled, time.Time{}
	case verb == "disable":
		v.state = secret.Disabled
	case v.state == secret.Destroyed:
	case s.ttl == 0:
		l.erase(v)
	case v.destroy.IsZero():
		v.state, v.destroy = secret.Disabled, l.now.Add(s.ttl)
	}
}

// Update sets an alias, the time to destroy, and the time of expiry.
func (l *life) Update(t *rapid.T) {
	name := l.name(t)
	s, reason := l.live(name)
	u := manager.SecretUpdate{Team: "ml", Name: name}
	aliases, ttl := map[string]int64{}, time.Duration(rapid.IntRange(0, 2).Draw(t, "destroy days"))*24*time.Hour
	expiry := manager.Expiry{TTL: rapid.SampledFrom([]time.Duration{0, 36 * time.Hour, 60 * time.Hour}).Draw(t, "ttl")}
	if s != nil {
		maps.Copy(aliases, s.aliases)
	}
	alias, number := rapid.SampledFrom(modelAliases).Draw(t, "alias"), rapid.Int64Range(0, 4).Draw(t, "of")
	if aliases[alias] = number; number == 0 {
		delete(aliases, alias)
	}
	u.Aliases, u.VersionDestroyTTL, u.Expiry = &aliases, &ttl, &expiry
	if s != nil && number > 0 && s.aliases[alias] != number {
		switch {
		case number > int64(len(s.versions)):
			reason = "VERSION_NOT_FOUND"
		case s.versions[number-1].state == secret.Destroyed || l.due(s.versions[number-1]):
			reason = "VERSION_DESTROYED"
		}
	}
	_, err := l.UpdateSecret(l.ctx, l.ada, u)
	if !want(t, "update", err, reason) {
		return
	}
	s.aliases, s.ttl, s.expire = aliases, ttl, time.Time{}
	if expiry.TTL > 0 {
		s.expire = l.now.Add(expiry.TTL)
	}
}

func (l *life) Delete(t *rapid.T) {
	name, purge := l.name(t), rapid.IntRange(0, 3).Draw(t, "purge") == 0
	_, err := l.DeleteSecret(l.ctx, l.ada, manager.SecretDelete{Team: "ml", Name: name, Purge: purge})
	s, reason := l.live(name)
	if purge && reason == "SECRET_DELETED" {
		s, reason = l.model[name], ""
	}
	if !want(t, "delete", err, reason) {
		return
	}
	if purge {
		l.purge(name)
		return
	}
	s.deleted, s.purged = l.now, l.now.Add(retention)
}

func (l *life) purge(name string) {
	for i := range l.model[name].versions {
		if v := &l.model[name].versions[i]; v.state != secret.Destroyed {
			l.erase(v)
		}
	}
	delete(l.model, name)
}

func (l *life) Undelete(t *rapid.T) {
	name := l.name(t)
	_, err := l.UndeleteSecret(l.ctx, l.ada, "ml", name, "")
	s, reason := l.model[name], ""
	switch {
	case s == nil, !s.purged.IsZero() && !l.now.Before(s.purged):
		reason = "SECRET_NOT_FOUND"
	case s.deleted.IsZero():
		reason = "SECRET_NOT_DELETED"
	}
	if !want(t, "undelete", err, reason) {
		return
	}
	s.deleted, s.purged = time.Time{}, time.Time{}
	if !s.expire.IsZero() && !l.now.Before(s.expire) {
		s.expire = time.Time{}
	}
}

func (l *life) TimePasses(t *rapid.T) {
	l.now = l.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
}

// SweepIsDue is the job's turn.
func (l *life) SweepIsDue(t *rapid.T) {
	if err := l.Sweep(l.ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(l.model)) {
		s := l.model[name]
		for i := range s.versions {
			if l.due(s.versions[i]) {
				l.erase(&s.versions[i])
			}
		}
		if s.deleted.IsZero() && !s.expire.IsZero() && !l.now.Before(s.expire) {
			s.deleted, s.purged = l.now, l.now.Add(retention)
		}
		if !s.purged.IsZero() && !l.now.Before(s.purged) {
			l.purge(name)
		}
	}
}

// Check asks for every reference there can be, to use it, and for one of them to read it, and looks for erased bytes in the
// files.
func (l *life) Check(t *rapid.T) {
	var all, good []secret.Ref
	var values []string
	reasons := map[string]string{}
	for _, name := range []string{"A", "B"} {
		for n := range int64(6) { // 0 is latest
			all = append(all, secret.Ref{Team: "ml", Name: name, Version: n})
		}
		for _, alias := range modelAliases {
			all = append(all, secret.Ref{Team: "ml", Name: name, Alias: alias})
		}
		s, err := l.GetSecret(l.ctx, l.ada, "ml", name)
		if (err == nil) != (l.model[name] != nil) || err == nil && s.Deleted() == l.model[name].deleted.IsZero() {
			t.Fatalf("%s is %+v, %v; the model says %+v", name, s, err, l.model[name])
		}
	}
	all = append(all, secret.Ref{Team: "ml", Name: "NEVER"}) // so that the batch fails, and tells of all the others
	for _, ref := range all {
		value, reason := l.readable(ref)
		if reason != "" {
			reasons[ref.VersionName()] = reason
			continue
		}
		good, values = append(good, ref), append(values, value)
	}
	l.sandboxes++
	sandbox := fmt.Sprint("sb-", l.sandboxes)
	_, err := l.BatchAccess(l.ctx, l.ada, manager.Batch{Team: "ml", Refs: all, SandboxID: sandbox})
	e, ok := errdefs.As(err)
	if !ok {
		t.Fatalf("the whole batch: %v", err)
	}
	got := map[string]string{}
	for _, v := range e.Violations {
		got[v.Subject] = v.Type
	}
	if !maps.Equal(got, reasons) {
		t.Fatalf("can't be used: %v, want %v", got, reasons)
	}
	if len(good) > 0 {
		accessed, err := l.BatchAccess(l.ctx, l.ada, manager.Batch{Team: "ml", Refs: good, SandboxID: sandbox})
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range accessed {
			if string(a.Value.Reveal()) != values[i] {
				t.Fatalf("%s is %q, want %q", good[i].VersionName(), a.Value.Reveal(), values[i])
			}
		}
	}
	one := rapid.SampledFrom(all).Draw(t, "read")
	value, reason := l.readable(one)
	a, err := l.AccessSecretVersion(l.ctx, l.ada, one)
	if want(t, one.VersionName(), err, reason) && string(a.Value.Reveal()) != value {
		t.Fatalf("%s is %q, want %q", one.VersionName(), a.Value.Reveal(), value)
	}
	if len(l.erased) == 0 {
		return
	}
	paths, err := filepath.Glob(filepath.Join(l.dir, "*"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("files %v, %v", paths, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		for _, sealed := range l.erased {
			if bytes.Contains(content, sealed) {
				t.Fatalf("%s holds erased ciphertext %s", path, hex.EncodeToString(sealed))
			}
		}
	}
}

// TestLifeOfASecret runs secretsd and a simple model of it side by side, through changes in any order and over months: what
// the model says is readable is readable, nothing else, and erased bytes are in no file.
func TestLifeOfASecret(t *testing.T) {
	counts := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(t, rt)
		defer func() {
			if err := l.store.Close(); err != nil {
				rt.Error(err)
			}
		}()
		actions := map[string]func(*rapid.T){}
		for name, action := range map[string]func(*rapid.T){
			"create": l.Create, "add": l.Add, "change state": l.ChangeState, "change state again": l.ChangeState, "update": l.Update,
			"delete": l.Delete, "undelete": l.Undelete, "time passes": l.TimePasses, "sweep": l.SweepIsDue,
		} {
			actions[name] = func(t *rapid.T) { counts[name]++; action(t) }
		}
		actions[""] = l.Check
		rt.Repeat(actions)
		if found, err := storetest.Disagreements(l.ctx, l.store); err != nil || len(found) != 0 {
			rt.Fatalf("the audit log and the data: %q, %v", found, err)
		}
		counts["erased"] += len(l.erased)
	})
	for _, what := range []string{"create", "add", "change state", "update", "delete", "undelete", "sweep", "erased"} {
		if counts[what] == 0 {
			t.Errorf("nothing was tried of %s", what)
		}
	}
}

func newLife(t *testing.T, rt *rapid.T) *life {
	ctx := t.Context()
	fail := func(err error) {
		if err != nil {
			rt.Fatal(err)
		}
	}
	l := &life{ctx: ctx, dir: t.TempDir(), now: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC), model: map[string]*modelSecret{}}
	var err error
	l.store, err = sqlite.Open(ctx, filepath.Join(l.dir, "secretsd.db"))
	fail(err)
	keys := envelope.NewKeyRing(envelope.NewSafe(filepath.Join(l.dir, "kek.json"), nil), nil)
	fail(keys.Unseal(ctx, true, nil))
	l.Manager = manager.New(manager.Config{
		Store: l.store, Keys: keys, Resolvers: []string{sandboxd}, Retention: retention,
		Now: func() time.Time { return l.now }, RequestID: func(context.Context) string { return "request-1" },
	})
	l.ada = identity.Caller{
		UserID: "ada", APIKeyID: "k1", Peer: sandboxd, Operator: true, Personal: true,
		Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead},
	}
	fail(l.store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		return []audit.Entry{{Time: l.now, Action: "test", Decision: audit.Allowed}},
			w.EnsureUser(ctx, secret.User{ID: "ada", Operator: true, CreateTime: l.now})
	}))
	_, err = l.CreateTeam(ctx, l.ada, "ml")
	fail(err)
	l.ada.Teams = map[string]identity.Role{"ml": identity.RoleOwner}
	return l
}
