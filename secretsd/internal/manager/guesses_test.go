package manager_test

import (
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// guess is a value that is added to S when it is not there already.
func guess(value string) manager.NewVersion {
	return manager.NewVersion{Team: "ml", Name: "S", Value: redact.New([]byte(value)), IfChanged: true}
}

// TestGuessesAtAFullSecret is against who may add values and not read them, and asks by if_changed whether a value is the one
// that is there. A wrong guess becomes the newest version, so there is one; also where there is no room for it.
func TestGuessesAtAFullSecret(t *testing.T) {
	f := newFixture(t)
	f.secret("S")
	ctx := t.Context()
	f.change(func(w store.Writer) error {
		s, err := w.Secret(ctx, "ml", "S")
		must(t, err)
		for s.LatestVersion < secret.MaxVersions-1 {
			s.LatestVersion++
			must(t, w.CreateVersion(ctx, s, secret.Version{Number: s.LatestVersion, State: secret.Disabled, CreateTime: f.now}, []byte{}))
		}
		return w.UpdateSecret(ctx, s)
	})
	_, _, err := f.AddSecretVersion(ctx, f.ada, guess("1234"))
	must(t, err)
	for _, value := range []string{"0000", "1234"} {
		_, _, err := f.AddSecretVersion(ctx, f.ada, guess(value))
		wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_VERSIONS")
	}
}

// TestGuessesByRequestID is against who repeats another one's request with values to see which it was: each that was wrong is
// in the audit log.
func TestGuessesByRequestID(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	create := func(value string) error {
		_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "S", Value: redact.New([]byte(value)), RequestID: "first"})
		return err
	}
	add := func(value string) error {
		_, _, err := f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "S", Value: redact.New([]byte(value)), RequestID: "second"})
		return err
	}
	for action, do := range map[string]func(string) error{"secret.create": create, "version.add": add} {
		if action == "version.add" {
			_ = create("1234")
		}
		must(t, do("1234"))
		before := f.mark()
		wantReason(t, do("0000"), errdefs.AlreadyExists, "REQUEST_ID_CONFLICT")
		e := f.entries(before)
		if len(e) != 1 || e[0].Action != action || e[0].Decision != audit.Denied || e[0].Reason != "REQUEST_ID_CONFLICT" {
			t.Errorf("entries %v, want one %s that was denied", e, action)
		}
	}
}
