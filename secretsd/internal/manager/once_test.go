package manager_test

import (
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func text(s string) redact.Bytes { return redact.New([]byte(s)) }

func TestARepeatedCreateIsAnsweredAgain(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	create := func(change func(*manager.NewSecret)) (secret.Secret, secret.Version, error) {
		n := manager.NewSecret{Team: "ml", Name: "A", Labels: map[string]string{"env": "prod", "app": "x"}, Value: text("one"), RequestID: "r1"}
		change(&n)
		return f.CreateSecret(ctx, f.ada, n)
	}
	same := func(*manager.NewSecret) {}
	made, v, err := create(same)
	must(t, err)
	mark := f.mark()
	f.now = f.now.Add(secret.RequestIDLifetime)
	again, w, err := create(same)
	must(t, err)
	if again.UID != made.UID || again.ETag() != made.ETag() || w != v || f.mark() != mark {
		t.Errorf("the repeat answered %+v, %+v, and made a change", again, w)
	}
	// It answers what the first has made as it is now.
	_, err = f.DisableSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1}, "")
	must(t, err)
	if _, w, err = create(same); err != nil || w.State != secret.Disabled {
		t.Errorf("version %+v, %v; want the disabled one", w, err)
	}
	for what, change := range map[string]func(*manager.NewSecret){
		"another value":       func(n *manager.NewSecret) { n.Value = text("two") },
		"no value":            func(n *manager.NewSecret) { n.Value = redact.Bytes{} },
		"another name":        func(n *manager.NewSecret) { n.Name = "B" },
		"another description": func(n *manager.NewSecret) { n.Description = "x" },
		"another label":       func(n *manager.NewSecret) { n.Labels["env"] = "test" },
		"another expiry":      func(n *manager.NewSecret) { n.Expiry.TTL = time.Hour },
		"a generated value": func(n *manager.NewSecret) {
			n.Value, n.Generate = redact.Bytes{}, &manager.Generate{Length: 8, Charset: manager.Hex}
		},
	} {
		if _, _, err := create(change); errdefs.ReasonOf(err) != "REQUEST_ID_CONFLICT" || errdefs.KindOf(err) != errdefs.AlreadyExists {
			t.Errorf("%s under the same id: %v", what, err)
		}
	}
	// Another user's, and another rpc's, is another id.
	bob := f.ada
	bob.UserID = "bob"
	f.key("bob", "ml", f.now)
	_, _, err = f.CreateSecret(ctx, bob, manager.NewSecret{Team: "ml", Name: "C", RequestID: "r1"})
	must(t, err)
	_, _, err = f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: text("two"), RequestID: "r1"})
	must(t, err)
	// What was made and purged is not made again.
	must(t, second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A", Purge: true})))
	_, _, err = create(same)
	wantReason(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
	f.secret("A", "a new one of that name")
	_, _, err = create(same)
	wantReason(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
	// After a day the id is free.
	f.now = f.now.Add(time.Nanosecond)
	_, _, err = create(func(n *manager.NewSecret) { n.Name = "B" })
	must(t, err)
}

func TestARepeatedAddIsAnsweredAgain(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	ctx := t.Context()
	add := func(value, id string, ifChanged bool) (int64, bool, error) {
		v, unchanged, err := f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: text(value), RequestID: id, IfChanged: ifChanged})
		return v.Number, unchanged, err
	}
	for range 2 {
		if n, _, err := add("two", "r1", false); n != 2 || err != nil {
			t.Errorf("version %d, %v; want 2", n, err)
		}
	}
	if n, unchanged, err := add("two", "r2", true); n != 2 || !unchanged || err != nil {
		t.Errorf("version %d, unchanged %v, %v", n, unchanged, err)
	}
	if n, _, err := add("three", "", false); n != 3 || err != nil {
		t.Errorf("version %d, %v; want 3", n, err)
	}
	if n, unchanged, err := add("two", "r2", true); n != 2 || !unchanged || err != nil {
		t.Errorf("the repeat: version %d, unchanged %v, %v; want what the first call answered", n, unchanged, err)
	}
	_, _, err := add("three", "r1", false)
	wantReason(t, err, errdefs.AlreadyExists, "REQUEST_ID_CONFLICT")
	_, _, err = add("two", "r1", true)
	wantReason(t, err, errdefs.AlreadyExists, "REQUEST_ID_CONFLICT")
	// Of a destroyed version there is no value left to compare.
	_, err = f.DestroySecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A", Version: 2}, "")
	must(t, err)
	for _, value := range []string{"two", "another"} { // whatever is remembered of the request knows nothing of the value
		if n, _, err := add(value, "r1", false); n != 2 || err != nil {
			t.Errorf("version %d, %v; want the destroyed one", n, err)
		}
	}
	generated := manager.NewVersion{Team: "ml", Name: "A", Generate: &manager.Generate{Length: 9, Charset: manager.Hex}, RequestID: "r3"}
	for range 2 {
		if v, _, err := f.AddSecretVersion(ctx, f.ada, generated); v.Number != 4 || err != nil {
			t.Errorf("version %d, %v; want 4", v.Number, err)
		}
	}
}

// TestAFailedCallLeavesItsIDFree expects that an id is taken together with its change or not at all.
func TestAFailedCallLeavesItsIDFree(t *testing.T) {
	f := newFixture(t)
	n := manager.NewSecret{Team: "ml", Name: "A", Value: text("one"), RequestID: "r1"}
	f.store.spoilEntry = true
	_, _, err := f.CreateSecret(t.Context(), f.ada, n)
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	n.Name = "B"
	_, _, err = f.CreateSecret(t.Context(), f.ada, n)
	must(t, err)
}

func TestOldRequestIDsAreForgotten(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	old, before := f.now, f.now.Add(time.Hour)
	remembered := func() (left bool) {
		must(t, f.store.View(ctx, func(r store.Reader) (err error) {
			left, err = r.HasRequestsBefore(ctx, before)
			return err
		}))
		return left
	}
	_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "A", RequestID: "r1"})
	must(t, err)
	f.now = old.Add(secret.RequestIDLifetime)
	mark := f.mark()
	must(t, f.ForgetRequests(ctx))
	if !remembered() || f.mark() != mark {
		t.Error("an id was forgotten too early, or nothing was done and audited")
	}
	f.now = f.now.Add(time.Nanosecond)
	must(t, f.ForgetRequests(ctx))
	entries := f.entries(mark)
	if remembered() || len(entries) != 1 || entries[0].Action != "request.purge" || entries[0].UserID != "" {
		t.Errorf("remembered: %v, entries %+v", remembered(), entries)
	}
}
