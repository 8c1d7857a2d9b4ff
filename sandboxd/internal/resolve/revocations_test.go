package resolve_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// watch watches until the test ends. It returns when the watch is open, with what it is told then.
func watch(t *testing.T, c *resolve.Client) (asOf int64, revoked <-chan []string) {
	t.Helper()
	opened, ids, over := make(chan int64, 1), make(chan []string, 10), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		over <- c.WatchRevocations(ctx, resolve.Watch{
			Opened:  func(asOf int64) error { opened <- asOf; return nil },
			Revoked: func(version string, sandboxes []string) { ids <- append([]string{version}, sandboxes...) },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-over; errdefs.KindOf(err) != errdefs.Canceled {
			t.Errorf("the watch ended with %v", err)
		}
	})
	select {
	case asOf := <-opened:
		return asOf, ids
	case <-time.After(10 * time.Second):
		t.Fatal("the watch does not open")
		return 0, nil
	}
}

// With a watch, a revoked key is refused long before what was believed of it is a second old.
func TestWatchDropsWhatWasBelieved(t *testing.T) {
	s, c := start(t)
	_, _ = watch(t, c)
	for range 3 {
		key := parse(t, s.CreateUser("red", "ada", identity.RoleMember))
		if _, err := c.WhoAmI(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		s.RevokeKey("red", key.Reveal())
		answered := time.Now()
		for {
			_, err := c.WhoAmI(t.Context(), key)
			if errdefs.KindOf(err) == errdefs.Unauthenticated {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(answered); took > resolve.MaxCacheTime/2 {
				t.Fatalf("the key still works %v after its revocation was answered", took)
			}
		}
		s.RemoveUser("red", "ada")
	}
}

func TestWatchNamesTheHoldersUntilTheyEnd(t *testing.T) {
	s, c := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "A", "v")
	values, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: "sb-1", Refs: []sandbox.SecretRef{{Secret: "A", EnvVar: "VAR"}}})
	if err != nil {
		t.Fatal(err)
	}
	values.Wipe()
	if u := s.Uses("red", "A"); len(u) != 1 || u[0].GetEnvVar() != "VAR" || u[0].GetSandbox() != "teams/red/sandboxes/sb-1" {
		t.Errorf("receipts %v", u)
	}
	want := []string{"teams/red/secrets/A/versions/1", "sb-1"}
	asOf, revoked := watch(t, c)
	s.RevokeVersion("red", "A", "1")
	if diff := cmp.Diff(want, <-revoked); diff != "" {
		t.Error(diff)
	}
	again, revokedAgain := watch(t, c)
	if diff := cmp.Diff(want, <-revokedAgain); diff != "" {
		t.Error(diff)
	}
	if asOf == 0 || again != asOf {
		t.Errorf("opened as of %d, then as of %d", asOf, again)
	}
	if err := c.ReportSandboxes(t.Context(), resolve.Report{AsOf: asOf - 1}); err != nil {
		t.Fatal(err)
	}
	if n := s.RevokeVersion("red", "A", "1"); n != 1 {
		t.Errorf("%d holders after a report that is older than the release", n)
	}
	if err := c.ReportSandboxes(t.Context(), resolve.Report{AsOf: asOf, Running: []string{"sb-2"}}); err != nil {
		t.Fatal(err)
	}
	if n := s.RevokeVersion("red", "A", "1"); n != 0 {
		t.Errorf("%d holders when none is left", n)
	}
	if last, _ := watch(t, c); last != 0 {
		t.Errorf("opened as of %d when nothing runs", last)
	}
}
