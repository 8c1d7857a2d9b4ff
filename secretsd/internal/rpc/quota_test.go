package rpc_test

import (
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// TestRateLimits uses up a user's quota of each class, and a team's. A refusal says whose it was and when to try again, and
// is not written to the audit log.
func TestRateLimits(t *testing.T) {
	// One a second at most makes a burst the only thing that counts in the time of a test.
	s := start(t, secretsdtest.WithLimits(func(l *config.Limits) {
		l.User = config.Rates{Reads: 1, ReadsBurst: 500, Writes: 1, WritesBurst: 200, Accesses: 1, AccessesBurst: 20}
		l.Team = config.Rates{Accesses: 1, AccessesBurst: 50}
	}))
	ctx := t.Context()
	access := &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/1"}
	read := func(c secretsv1.SecretsManagerClient) error { return second(c.AccessSecretVersion(ctx, access)) }

	ada := s.Client(s.CreateUser("ml", "ada", identity.RoleAdmin, secretsdtest.AllScopes...))
	adasOther := s.Client(s.CreateKey("ml", "ada", secretsdtest.AllScopes...))
	bob := s.Client(s.CreateUser("ml", "bob", identity.RoleAdmin, secretsdtest.AllScopes...))
	cyd := s.Client(s.CreateUser("ml", "cyd", identity.RoleAdmin, secretsdtest.AllScopes...))
	for i := range 20 {
		must(t, read([]secretsv1.SecretsManagerClient{ada, adasOther}[i%2]))
	}
	before := len(s.AuditEntries())
	for _, c := range []secretsv1.SecretsManagerClient{ada, adasOther} {
		e := wantError(t, read(c), errdefs.ResourceExhausted, "RATE_LIMITED")
		if e.Metadata["limit"] != "caller" || e.Metadata["class"] != "accesses" || e.RetryAfter <= 0 {
			t.Errorf("%v, retry after %v; want the caller's limit of accesses", e.Metadata, e.RetryAfter)
		}
	}
	if n := len(s.AuditEntries()) - before; n != 0 {
		t.Errorf("%d audit entries of calls that were refused for their number", n)
	}
	_, err := ada.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/HF_TOKEN"})
	must(t, err) // another class

	for range 20 {
		must(t, read(bob))
	}
	s.CreateTeam("ops")
	eve := s.Client(s.CreateUser("ops", "eve", identity.RoleAdmin, secretsdtest.AllScopes...))
	for range 15 { // strangers don't count on the team
		wantError(t, read(eve), errdefs.PermissionDenied, "PERMISSION_DENIED")
	}
	for range 10 {
		must(t, read(cyd))
	}
	if e := wantError(t, read(cyd), errdefs.ResourceExhausted, "RATE_LIMITED"); e.Metadata["limit"] != "team" {
		t.Errorf("%v, want the team's limit", e.Metadata)
	}
}
