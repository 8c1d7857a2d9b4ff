package manager_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// stored is when a key was used last, by the store alone.
func (f *fixture) stored(id string) (at time.Time) {
	f.t.Helper()
	must(f.t, f.store.View(f.t.Context(), func(r store.Reader) error {
		k, err := r.APIKey(f.t.Context(), id)
		at = k.LastUseTime
		return err
	}))
	return at
}

// listed is when a key was used last, as its team is told.
func (f *fixture) listed(id string) time.Time {
	f.t.Helper()
	list, _, err := f.ListAPIKeys(f.t.Context(), f.ada, "ml", secret.KeyPosition{}, 100)
	must(f.t, err)
	for _, k := range list {
		if k.ID == id {
			return k.LastUseTime
		}
	}
	f.t.Fatalf("no key %s", id)
	return time.Time{}
}

func TestLastUse(t *testing.T) {
	f := newFixture(t)
	key := f.key("bob", "ml", time.Time{})
	if !f.listed(key.ID()).IsZero() {
		t.Error("a key that was never used has a last use")
	}
	f.as(key)
	minute := f.now.Truncate(time.Minute)
	if !f.stored(key.ID()).IsZero() || !f.listed(key.ID()).Equal(minute) {
		t.Errorf("stored %v, listed %v; want it listed at once and stored later", f.stored(key.ID()), f.listed(key.ID()))
	}
	before := f.mark()
	must(t, f.FlushKeyUses(t.Context()))
	if !f.stored(key.ID()).Equal(minute) || !f.listed(key.ID()).Equal(minute) {
		t.Errorf("stored %v, want %v", f.stored(key.ID()), minute)
	}
	if n := len(f.entries(before)); n != 0 {
		t.Errorf("%d audit entries about the use of keys", n)
	}
	f.now = f.now.Add(90 * time.Second)
	f.as(key)
	if got := f.listed(key.ID()); !got.Equal(f.now.Truncate(time.Minute)) {
		t.Errorf("listed %v after another use at %v", got, f.now)
	}
	// A wrong key is no use of the right one.
	guess := f.guess()
	f.wrong(guess)
	if got := f.listed(guess.ID()); !got.IsZero() {
		t.Errorf("a wrong key counts as a use, at %v", got)
	}
}

// TestLastUseOutlivesAFailure has the store fail once: nothing is lost.
func TestLastUseOutlivesAFailure(t *testing.T) {
	f := newFixture(t)
	key := f.key("bob", "ml", time.Time{})
	f.as(key)
	f.store.recordErrs = []error{errors.New("disk full")}
	if err := f.FlushKeyUses(t.Context()); err == nil {
		t.Error("the failure is not told")
	}
	must(t, f.FlushKeyUses(t.Context()))
	if f.stored(key.ID()).IsZero() {
		t.Error("the use is lost")
	}
}

// guess is a key with the id of one of bob's, whose secret is another.
func (f *fixture) guess() apikey.Key {
	f.t.Helper()
	guess, err := apikey.Generate()
	must(f.t, err)
	right := f.key("bob", "ml", time.Time{})
	f.change(func(w store.Writer) error {
		bobs, err := w.APIKey(f.t.Context(), right.ID())
		must(f.t, err)
		bobs.ID = guess.ID()
		return w.CreateAPIKey(f.t.Context(), bobs)
	})
	return guess
}

// wrong presents a key that must be refused.
func (f *fixture) wrong(guess apikey.Key) {
	f.t.Helper()
	_, err := f.Authenticate(f.t.Context(), guess, sandboxd)
	wantReason(f.t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
}

// TestAttemptsAreAuditedTogether expects an entry a key, whatever the number of attempts, and none for each.
func TestAttemptsAreAuditedTogether(t *testing.T) {
	f := newFixture(t)
	key := f.guess()
	for range 20 {
		f.wrong(key)
	}
	for range 30 {
		unknown, err := apikey.Generate()
		must(t, err)
		f.wrong(unknown)
	}
	f.RefusedAttempt("")
	before := f.mark()
	f.store.appendErrs = []error{errors.New("disk full")}
	wantReason(t, f.FlushAttempts(t.Context()), errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	must(t, f.FlushAttempts(t.Context()))
	must(t, f.FlushAttempts(t.Context()))
	var got []string
	for _, e := range f.entries(before) {
		if e.Action != "key.authenticate" || e.Decision != audit.Denied || e.UserID != "" || e.APIKeyID != "" {
			t.Errorf("entry %+v", e)
		}
		got = append(got, strings.Join([]string{e.Team, e.Peer, e.Resource, e.Reason}, " "))
	}
	want := []string{
		"  apiKeys/-#attempts=1 TOO_MANY_FAILED_ATTEMPTS", " " + sandboxd + " apiKeys/-#attempts=30 API_KEY_INVALID",
		"ml " + sandboxd + " teams/ml/apiKeys/" + key.ID() + "#attempts=20 API_KEY_INVALID",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("entries\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
