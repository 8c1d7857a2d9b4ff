package secretsdtest_test

import (
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func TestServer(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	key := s.CreateUser("ml", "ada", identity.RoleMember)
	s.CreateSecret("ml", "HF_TOKEN", "one")
	s.AddVersion("ml", "HF_TOKEN", "two")
	s.Restart()
	resp, err := s.SandboxdClient(key).BatchAccessSecretVersions(t.Context(), &secretsv1.BatchAccessSecretVersionsRequest{
		Parent:     "teams/ml",
		References: []*secretsv1.SecretVersionReference{{SecretId: "HF_TOKEN"}, {SecretId: "HF_TOKEN", Version: "1"}},
		Purpose:    secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
		SandboxId:  "s1",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.GetValues(); len(got) != 2 || string(got[0].GetData()) != "two" || string(got[1].GetData()) != "one" {
		t.Errorf("%d values, not those that were stored", len(got))
	}
}
