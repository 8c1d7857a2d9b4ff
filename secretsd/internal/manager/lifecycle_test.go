package manager_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

const day = 24 * time.Hour

func version(n int64) secret.Ref { return secret.Ref{Team: "ml", Name: "A", Version: n} }

func TestDelayedDestroy(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two")
	ctx, ttl := t.Context(), 7*day
	_, err := f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", VersionDestroyTTL: &ttl})
	must(t, err)
	due := f.now.Add(ttl)
	for range 2 {
		v, err := f.DestroySecretVersion(ctx, f.ada, version(1), "")
		if err != nil || v.State != secret.Disabled || !v.ScheduledDestroyTime.Equal(due) {
			t.Errorf("version %+v, %v; want a disabled one that is due at %v", v, err, due)
		}
		f.now = f.now.Add(day) // a repeat moves no time
	}
	_, err = f.AccessSecretVersion(ctx, f.ada, version(1))
	wantReason(t, err, errdefs.FailedPrecondition, "VERSION_DISABLED")
	v, err := f.EnableSecretVersion(ctx, f.ada, version(1), "")
	if err != nil || v.State != secret.Enabled || !v.ScheduledDestroyTime.IsZero() {
		t.Errorf("version %+v, %v; want one that is back", v, err)
	}
	must(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))))

	v, err = f.DestroySecretVersion(ctx, f.ada, version(1), "")
	must(t, err)
	f.now = v.ScheduledDestroyTime.Add(-1)
	must(t, f.Sweep(ctx))
	if v, err = f.GetSecretVersion(ctx, f.ada, version(1)); err != nil || v.State != secret.Disabled {
		t.Errorf("version %+v, %v; want one that is not destroyed yet", v, err)
	}
	// From its time on it can't be had back, whether the job was there or not.
	f.now = v.ScheduledDestroyTime
	wantReason(t, second(f.EnableSecretVersion(ctx, f.ada, version(1), "")), errdefs.FailedPrecondition, "VERSION_DESTROYED")
	wantReason(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))), errdefs.FailedPrecondition, "VERSION_DESTROYED")
	before, mark := f.get("A"), f.mark()
	must(t, f.Sweep(ctx))
	entries := f.entries(mark)
	if len(entries) != 1 || entries[0].Action != "version.destroy" || entries[0].Resource != "teams/ml/secrets/A/versions/1" ||
		entries[0].Team != "ml" || entries[0].UserID != "" || entries[0].APIKeyID != "" {
		t.Errorf("entries %+v, want one of secretsd's own", entries)
	}
	if v, err = f.GetSecretVersion(ctx, f.ada, version(1)); err != nil || v.State != secret.Destroyed || v.Size != 0 || !v.DestroyTime.Equal(f.now) {
		t.Errorf("version %+v, %v; want a destroyed one", v, err)
	}
	if f.get("A").ETag() == before.ETag() {
		t.Error("the secret's etag does not tell that a version was destroyed")
	}
	must(t, f.Sweep(ctx))
	if n := len(f.entries(mark)); n != 1 {
		t.Errorf("%d entries of a sweep with nothing to do", n-1)
	}
}

func (f *fixture) get(name string) secret.Secret {
	f.t.Helper()
	s, err := f.GetSecret(f.t.Context(), f.ada, "ml", name)
	must(f.t, err)
	return s
}

func TestSeveralVersionsOfOneSecretAreDueAtOnce(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two", "three")
	ttl := day
	s, err := f.UpdateSecret(t.Context(), f.ada, manager.SecretUpdate{Team: "ml", Name: "A", VersionDestroyTTL: &ttl})
	must(t, err)
	for n := range int64(3) {
		must(t, second(f.DestroySecretVersion(t.Context(), f.ada, version(n+1), "")))
	}
	f.now = f.now.Add(day)
	must(t, f.Sweep(t.Context()))
	if got := f.get("A").Revision; got != s.Revision+6 {
		t.Errorf("revision %d after six changes of revision %d", got, s.Revision)
	}
}

func TestExpiry(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "A", Value: text("one"), Expiry: manager.Expiry{TTL: day}})
	must(t, err)
	expire := f.now.Add(day)
	f.now = expire.Add(-1)
	must(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))))
	f.now = expire
	wantReason(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))), errdefs.FailedPrecondition, "SECRET_EXPIRED")
	for _, e := range []manager.Expiry{{Time: f.now}, {Time: f.now.Add(-day)}} {
		_, err = f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", Expiry: &e})
		wantReason(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	// Until the job deletes it, another time brings it back.
	_, err = f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", Expiry: &manager.Expiry{Time: f.now.Add(day)}})
	must(t, err)
	must(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))))
	f.now = f.now.Add(day)
	mark := f.mark()
	must(t, f.Sweep(ctx))
	s := f.get("A")
	if !s.DeleteTime.Equal(f.now) || !s.PurgeTime.Equal(f.now.Add(secret.DefaultRetention)) {
		t.Errorf("%+v, want one that is deleted now", s)
	}
	if e := f.entries(mark); len(e) != 1 || e[0].Action != "secret.expire" || e[0].Resource != "teams/ml/secrets/A" || e[0].UserID != "" {
		t.Errorf("entries %+v", e)
	}
	wantReason(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))), errdefs.NotFound, "SECRET_DELETED")
	s, err = f.UndeleteSecret(ctx, f.ada, "ml", "A", s.ETag())
	if err != nil || !s.ExpireTime.IsZero() || s.Deleted() {
		t.Errorf("%+v, %v; want one that never expires", s, err)
	}
	must(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))))
}

func TestPurge(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.secret("A", "one")
	f.secret("KEPT", "one")
	first := f.get("A").UID
	deleted, err := f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A", ETag: f.get("A").ETag()})
	must(t, err)
	wantReason(t, second(f.UndeleteSecret(ctx, f.ada, "ml", "A", "stale")), errdefs.Aborted, "ETAG_MISMATCH")
	wantReason(t, second(f.UndeleteSecret(ctx, f.ada, "ml", "KEPT", "")), errdefs.AlreadyExists, "SECRET_NOT_DELETED")
	f.now = deleted.PurgeTime.Add(-1)
	must(t, f.Sweep(ctx))
	f.get("A")
	f.now = deleted.PurgeTime
	wantReason(t, second(f.UndeleteSecret(ctx, f.ada, "ml", "A", "")), errdefs.NotFound, "SECRET_NOT_FOUND")
	mark := f.mark()
	must(t, f.Sweep(ctx))
	wantReason(t, second(f.GetSecret(ctx, f.ada, "ml", "A")), errdefs.NotFound, "SECRET_NOT_FOUND")
	f.get("KEPT")
	if e := f.entries(mark); len(e) != 1 || e[0].Action != "secret.purge" || e[0].UserID != "" {
		t.Errorf("entries %+v", e)
	}
	f.secret("A", "another one")
	if f.get("A").UID == first {
		t.Error("the new secret is the old one")
	}

	f.Retention = 0
	mark = f.mark()
	s, err := f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A"})
	if err != nil || s.Name != "" {
		t.Errorf("%+v, %v; want nothing left", s, err)
	}
	wantReason(t, second(f.GetSecret(ctx, f.ada, "ml", "A")), errdefs.NotFound, "SECRET_NOT_FOUND")
	if e := f.entries(mark); len(e) != 1 || e[0].Action != "secret.purge" || e[0].UserID != "ada" {
		t.Errorf("entries %+v", e)
	}
}

// TestSweepIsDoneInSteps leaves more than one transaction's worth of work.
func TestSweepIsDoneInSteps(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.change(func(w store.Writer) error {
		for i := range 250 {
			name := fmt.Sprint("S", i)
			must(t, w.CreateSecret(ctx, secret.Secret{
				UID: name, Team: "ml", Name: name, CreateTime: f.now, UpdateTime: f.now, Revision: 1, ExpireTime: f.now,
			}))
		}
		return nil
	})
	f.Retention = 0
	mark := f.mark()
	must(t, f.Sweep(ctx))
	if n := len(f.entries(mark)); n != 500 {
		t.Errorf("%d entries, want that each was deleted and erased", n)
	}
	list, _, err := f.ListSecrets(ctx, f.ada, manager.SecretList{Team: "ml", Limit: 10, ShowDeleted: true})
	if err != nil || len(list) != 0 {
		t.Errorf("%d secrets are left, %v", len(list), err)
	}
}

func TestAliases(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two", "three")
	ctx := t.Context()
	must(t, second(f.DestroySecretVersion(ctx, f.ada, version(3), "")))
	set := func(aliases map[string]int64) error {
		return second(f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", Aliases: &aliases}))
	}
	must(t, set(map[string]int64{"stable": 1, "next": 2}))
	ref := secret.Ref{Team: "ml", Name: "A", Alias: "stable"}
	wantValue := func(value string) {
		t.Helper()
		a, err := f.AccessSecretVersion(ctx, f.ada, ref)
		if err != nil || !a.Value.Equal(text(value)) {
			t.Errorf("%s, %v; want %q", a.Name, err, value)
		}
	}
	wantValue("one")
	wantReason(t, set(map[string]int64{"stable": 4}), errdefs.NotFound, "VERSION_NOT_FOUND")
	wantReason(t, set(map[string]int64{"stable": 3}), errdefs.FailedPrecondition, "VERSION_DESTROYED")
	must(t, set(map[string]int64{"stable": 2, "next": 2}))
	wantValue("two")
	mark := f.mark()
	values, err := f.BatchAccess(ctx, f.ada, manager.Batch{Team: "ml", Refs: []secret.Ref{ref}, SandboxID: "sb"})
	if err != nil || values[0].Name != "teams/ml/secrets/A/versions/2" || f.entries(mark)[0].Resource != values[0].Name {
		t.Errorf("%+v, %v; want answer and entry to name version 2", values, err)
	}
	// A name stays with its version, and keeps nobody from changing the others.
	must(t, second(f.DestroySecretVersion(ctx, f.ada, version(2), "")))
	wantReason(t, second(f.AccessSecretVersion(ctx, f.ada, ref)), errdefs.FailedPrecondition, "VERSION_DESTROYED")
	must(t, set(map[string]int64{"stable": 2, "next": 1}))
	must(t, set(nil))
	wantReason(t, second(f.AccessSecretVersion(ctx, f.ada, ref)), errdefs.NotFound, "ALIAS_NOT_FOUND")
	wantReason(t, second(f.GetSecretVersion(ctx, f.ada, ref)), errdefs.NotFound, "ALIAS_NOT_FOUND")

	create := func(name, value string, aliases map[string]int64) error {
		_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: name, Value: text(value), Aliases: aliases})
		return err
	}
	must(t, create("B", "one", map[string]int64{"stable": 1}))
	wantReason(t, create("C", "", map[string]int64{"stable": 1}), errdefs.NotFound, "VERSION_NOT_FOUND")
	wantReason(t, create("C", "one", map[string]int64{"stable": 2}), errdefs.NotFound, "VERSION_NOT_FOUND")
}

func TestVersionETags(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two")
	ctx := t.Context()
	v, err := f.GetSecretVersion(ctx, f.ada, version(1))
	must(t, err)
	other, err := f.GetSecretVersion(ctx, f.ada, version(2))
	must(t, err)
	for _, change := range []func(etag string) (secret.Version, error){
		func(etag string) (secret.Version, error) { return f.DisableSecretVersion(ctx, f.ada, version(1), etag) },
		func(etag string) (secret.Version, error) { return f.EnableSecretVersion(ctx, f.ada, version(1), etag) },
		func(etag string) (secret.Version, error) { return f.DestroySecretVersion(ctx, f.ada, version(1), etag) },
	} {
		wantReason(t, second(change(other.ETag())), errdefs.Aborted, "ETAG_MISMATCH")
		changed, err := change(v.ETag())
		must(t, err)
		wantReason(t, second(change(v.ETag())), errdefs.Aborted, "ETAG_MISMATCH") // enabled again is not as before
		stored, err := f.GetSecretVersion(ctx, f.ada, version(1))
		if err != nil || stored.ETag() != changed.ETag() {
			t.Errorf("stored %+v, answered %+v, %v", stored, changed, err)
		}
		v = changed
	}
	s := f.get("A")
	add := func(etag string) error {
		_, _, err := f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: text("x"), ETag: etag})
		return err
	}
	must(t, add(s.ETag()))
	wantReason(t, add(s.ETag()), errdefs.Aborted, "ETAG_MISMATCH")
	if got, err := f.GetSecretVersion(ctx, f.ada, version(2)); err != nil || got.ETag() != other.ETag() {
		t.Errorf("version 2 has another etag without a change: %v", err)
	}
}

func TestIfChanged(t *testing.T) {
	f := newFixture(t)
	f.secret("A")
	ctx := t.Context()
	for i, test := range []struct {
		value     string
		number    int64
		unchanged bool
		before    func() error
	}{
		{"one", 1, false, nil},
		{"one", 1, true, nil},
		{"two", 2, false, nil},
		{"one", 3, false, nil}, // it is version 1's, and not that of `latest`
		{"one", 4, false, func() error { return second(f.DisableSecretVersion(ctx, f.ada, version(3), "")) }},
		{"one", 4, true, nil},
		{"one", 5, false, func() error {
			must(t, second(f.DisableSecretVersion(ctx, f.ada, version(4), "")))
			return second(f.DestroySecretVersion(ctx, f.ada, version(4), ""))
		}},
	} {
		if test.before != nil {
			must(t, test.before())
		}
		mark := f.mark()
		v, unchanged, err := f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: text(test.value), IfChanged: true})
		if err != nil || v.Number != test.number || unchanged != test.unchanged {
			t.Errorf("%d: version %d, unchanged %v, %v; want %d, %v", i, v.Number, unchanged, err, test.number, test.unchanged)
		}
		// Whoever asks whether a value is the current one leaves an entry.
		if e := f.entries(mark); len(e) != 1 || e[0].Action != "version.add" || e[0].Resource != secret.VersionName("ml", "A", test.number) {
			t.Errorf("%d: entries %+v", i, e)
		}
	}
}
