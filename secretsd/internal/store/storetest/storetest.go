// Package storetest is the suite that every implementation of store.Store passes.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Opener opens the store that dir holds, empty at first. A dir that was used before holds what was stored.
type Opener func(t testing.TB, dir string) store.Store

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"Teams", testTeams},
		{"TeamUpdate", testTeamUpdate},
		{"Members", testMembers},
		{"Owners", testOwners},
		{"APIKeys", testAPIKeys},
		{"APIKeysOfSeveralTeams", testAPIKeysOfSeveralTeams},
		{"RotatedKeys", testRotatedKeys},
		{"KeyUses", testKeyUses},
		{"OIDCTrusts", testOIDCTrusts},
		{"ExchangedKeys", testExchangedKeys},
		{"Secrets", testSecrets},
		{"Versions", testVersions},
		{"Uses", testUses},
		{"ReceiptAndEntryTogether", testReceiptAndEntryTogether},
		{"Instances", testInstances},
		{"EndOthers", testEndOthers},
		{"Revocations", testRevocations},
		{"Grants", testGrants},
		{"Protection", testProtection},
		{"Keys", testKeys},
		{"DestroyTeam", testDestroyTeam},
		{"Lifecycle", testLifecycle},
		{"Requests", testRequests},
		{"Isolation", testIsolation},
		{"ChangeAndEntryTogether", testChangeAndEntryTogether},
		{"AuditChain", testAuditChain},
		{"AuditConcurrent", testAuditConcurrent},
		{"AuditCheckpoints", testAuditCheckpoints},
		{"AuditPosition", testAuditPosition},
		{"AuditRemoval", testAuditRemoval},
		{"CanceledContext", testCanceledContext},
		{"Groups", testGroups},
		{"Freshness", testFreshness},
		{"NothingOutlivesAChange", testNothingOutlivesAChange},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			t.Cleanup(func() { noError(t, s.Close()) })
			test.run(t, s)
		})
	}
	t.Run("Reopen", func(t *testing.T) { testReopen(t, open) })
}

// epoch is a time that keeps its nanoseconds.
var epoch = time.Date(2026, 3, 4, 5, 6, 7, 891011121, time.UTC)

func entry(action string) audit.Entry {
	return audit.Entry{
		Time: epoch, Team: "ml", UserID: "ada", APIKeyID: "k1", Peer: "spiffe://casemate.local/x", Action: action,
		Resource: "teams/ml", Decision: audit.Allowed, Reason: "r", SandboxID: "s", RequestID: "q",
	}
}

func change(t testing.TB, s store.Store, fn func(ctx context.Context, w store.Writer) error) {
	t.Helper()
	noError(t, tryChange(t, s, fn))
}

func tryChange(t testing.TB, s store.Store, fn func(ctx context.Context, w store.Writer) error) error {
	t.Helper()
	return s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
		return []audit.Entry{entry("test.change")}, fn(t.Context(), w)
	})
}

func view(t testing.TB, s store.Store, fn func(ctx context.Context, r store.Reader) error) {
	t.Helper()
	noError(t, s.View(t.Context(), func(r store.Reader) error { return fn(t.Context(), r) }))
}

// makeTeam makes a team with one owner, ada.
func makeTeam(t testing.TB, s store.Store, id string) {
	t.Helper()
	change(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.CreateTeam(ctx, secret.Team{ID: id, CreateTime: epoch}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte(id)}),
			w.EnsureUser(ctx, secret.User{ID: "ada", CreateTime: epoch}),
			w.CreateMember(ctx, secret.Member{Team: id, UserID: "ada", Role: identity.RoleOwner, CreateTime: epoch}),
		)
	})
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantReason(t testing.TB, err error, kind errdefs.Kind, reason string) {
	t.Helper()
	if errdefs.KindOf(err) != kind || errdefs.ReasonOf(err) != reason {
		t.Errorf("error = %v (kind %d, reason %q), want reason %s", err, errdefs.KindOf(err), errdefs.ReasonOf(err), reason)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
