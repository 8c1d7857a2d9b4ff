package daemon_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/testcerts"
)

// TestKilledInRotations kills the daemon in the middle of rotations, each time at another progress. Each next one goes on
// by itself; in the end all values open, and no retired key is kept or needed.
func TestKilledInRotations(t *testing.T) {
	certs, dataDir := testcerts.New(t), filepath.Join(t.TempDir(), "data")
	kill, conn := startChild(t, certs, dataDir)
	c, ctx := secretsv1.NewSecretsManagerClient(conn), t.Context()
	const teams, versions, rounds = 3, 100, 8
	for team := range teams {
		_, err := c.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: fmt.Sprintf("team%d", team)})
		must(t, err)
		_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: fmt.Sprintf("teams/team%d", team), SecretId: "A"})
		must(t, err)
		for v := range versions {
			_, err := c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{
				Parent: fmt.Sprintf("teams/team%d/secrets/A", team), Data: fmt.Appendf(nil, "value %d", v+1),
			})
			must(t, err)
		}
	}
	var interrupted int
	for range rounds {
		_, err := c.RotateKEK(ctx, &secretsv1.RotateKEKRequest{})
		must(t, err)
		for team := range teams {
			_, err := c.RotateDataKey(ctx, &secretsv1.RotateDataKeyRequest{Name: fmt.Sprintf("teams/team%d", team)})
			must(t, err)
		}
		enough := int64(rand.IntN(versions + 1))
		for {
			resp, err := c.GetKeyStatus(ctx, &secretsv1.GetKeyStatusRequest{Name: fmt.Sprintf("teams/team%d", rand.IntN(teams))})
			must(t, err)
			left := resp.GetDataKey().GetVersionsOnRetiredKeys()
			if len(resp.GetDataKey().GetRetiredKeyIds()) > 0 {
				interrupted++
			}
			if left <= enough {
				break
			}
		}
		kill()
		kill, conn = startChild(t, certs, dataDir)
		c = secretsv1.NewSecretsManagerClient(conn)
	}
	if interrupted == 0 {
		t.Error("no rotation was seen under way: the test says nothing")
	}
	for team := range teams {
		name := fmt.Sprintf("teams/team%d", team)
		for {
			resp, err := c.GetKeyStatus(ctx, &secretsv1.GetKeyStatusRequest{Name: name})
			must(t, err)
			if s := resp.GetDataKey(); len(s.GetRetiredKeyIds()) == 0 {
				if s.GetVersionsOnRetiredKeys() != 0 || s.GetVersions() != versions {
					t.Errorf("%v", s)
				}
				break
			}
		}
		for v := range versions {
			resp, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: fmt.Sprintf("%s/secrets/A/versions/%d", name, v+1)})
			if err != nil || string(resp.GetData()) != fmt.Sprintf("value %d", v+1) {
				t.Fatalf("version %d of %s: %v", v+1, name, err)
			}
		}
	}
	for {
		resp, err := c.GetKeyStatus(ctx, &secretsv1.GetKeyStatusRequest{})
		must(t, err)
		if s := resp.GetKeyEncryptionKey(); len(s.GetRetiredKeyIds()) == 0 {
			if s.GetTeamsOnRetiredKeys() != 0 {
				t.Errorf("%v", s)
			}
			break
		}
	}
	rep, err := c.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
	if err != nil || !rep.GetIntact() {
		t.Errorf("report %v, %v", rep, err)
	}
}
