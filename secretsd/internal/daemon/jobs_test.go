package daemon_test

import (
	"testing"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// TestTheJobPurgesWhatIsDue deletes a secret that is due at once, and restarts: jobs run at the start.
func TestTheJobPurgesWhatIsDue(t *testing.T) {
	s := secretsdtest.Start(t, secretsdtest.WithRetention(1))
	s.CreateTeam("ml")
	s.CreateSecret("ml", "A", "value")
	_, err := s.Client(s.OperatorKey).DeleteSecret(t.Context(), &secretsv1.DeleteSecretRequest{Name: "teams/ml/secrets/A"})
	must(t, err)
	s.Restart()
	c := s.Client(s.OperatorKey)
	for began := time.Now(); ; {
		_, err := c.GetSecret(t.Context(), &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/A"})
		if errdefs.ReasonOf(errgrpc.FromError(err)) == "SECRET_NOT_FOUND" {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("the secret is still there: %v", err)
		}
	}
	entries := s.AuditEntries()
	last := entries[len(entries)-1]
	if last.GetAction() != "secret.purge" || last.GetResource() != "teams/ml/secrets/A" || last.GetUserId() != "" || last.GetApiKeyId() != "" {
		t.Errorf("the last entry is %v, want secretsd's own purge", last)
	}
}

// TestTheJobForgetsUsers has a member leave who never had a key, and restarts: jobs run at the start.
func TestTheJobForgetsUsers(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	c := s.Client(s.OperatorKey)
	_, err := c.CreateMember(t.Context(), &secretsv1.CreateMemberRequest{Parent: "teams/ml", UserId: "bob", Role: secretsv1.Role_ROLE_MEMBER})
	must(t, err)
	s.RemoveUser("ml", "bob")
	s.Restart()
	for began := time.Now(); ; {
		entries := s.AuditEntries()
		if last := entries[len(entries)-1]; last.GetAction() == "user.purge" && last.GetResource() == "users/bob" {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("the user is not forgotten: %v", entries)
		}
	}
}
