package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

const servicePrefix = "/casemate.secrets.v1.SecretsManager/"

// target is what a call is about.
type target struct{ team, secret, version, user, key string }

// calls makes one call of every rpc.
var calls = map[string]func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error{
	"CreateSecret": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: on.parent(), SecretId: on.secret})
		return err
	},
	"GetSecret": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: on.secretName()})
		return err
	},
	"ListSecrets": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: on.parent()})
		return err
	},
	"UpdateSecret": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{
			Secret: &secretsv1.Secret{Name: on.secretName()}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"description"}},
		})
		return err
	},
	"DeleteSecret": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: on.secretName(), Etag: "no such"})
		return err
	},
	"UndeleteSecret": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: on.secretName()})
		return err
	},
	"AddSecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: on.secretName(), Data: []byte("v")})
		return err
	},
	"GetSecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: on.versionName()})
		return err
	},
	"ListSecretVersions": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: on.secretName()})
		return err
	},
	"EnableSecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: on.versionName()})
		return err
	},
	"DisableSecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: on.versionName()})
		return err
	},
	"DestroySecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: on.versionName()})
		return err
	},
	"AccessSecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: on.versionName()})
		return err
	},
	"BatchAccessSecretVersions": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.BatchAccessSecretVersions(ctx, batchOf(on.team, on.secret))
		return err
	},
	"CreateSecretGrant": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateSecretGrant(ctx, &secretsv1.CreateSecretGrantRequest{Parent: on.secretName(), Grant: &secretsv1.SecretGrant{
			Principal: &secretsv1.SecretGrant_Role{Role: secretsv1.Role_ROLE_MEMBER}, Rights: []secretsv1.SecretRight{secretsv1.SecretRight_SECRET_RIGHT_LIST},
		}})
		return err
	},
	"DeleteSecretGrant": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteSecretGrant(ctx, &secretsv1.DeleteSecretGrantRequest{Name: on.secretName() + "/grants/none"})
		return err
	},
	"ListSecretGrants": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListSecretGrants(ctx, &secretsv1.ListSecretGrantsRequest{Parent: on.secretName()})
		return err
	},
	"TestPermissions": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.TestPermissions(ctx, &secretsv1.TestPermissionsRequest{Resource: on.secretName()})
		return err
	},
	"ListSecretUses": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListSecretUses(ctx, &secretsv1.ListSecretUsesRequest{Parent: on.secretName()})
		return err
	},
	"RevokeSecretVersion": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.RevokeSecretVersion(ctx, &secretsv1.RevokeSecretVersionRequest{
			Name: on.versionName(), Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP,
		})
		return err
	},
	"WatchRevocations": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := c.WatchRevocations(ctx, &secretsv1.WatchRevocationsRequest{})
		if err != nil {
			return err
		}
		_, err = stream.Recv()
		return err
	},
	"ReportSandboxes": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.ReportSandboxes(ctx, &secretsv1.ReportSandboxesRequest{EndedSandboxIds: []string{"no-such"}})
		return err
	},
	"EndWorkloadInstance": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.EndWorkloadInstance(ctx, &secretsv1.EndWorkloadInstanceRequest{Workload: sandboxdID, WorkloadInstance: "no-such"})
		return err
	},
	"CreateTeam": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: on.team})
		return err
	},
	"UpdateTeam": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.UpdateTeam(ctx, &secretsv1.UpdateTeamRequest{Team: &secretsv1.Team{Name: on.parent()}})
		return err
	},
	"GetTeam": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.GetTeam(ctx, &secretsv1.GetTeamRequest{Name: on.parent()})
		return err
	},
	"ListTeams": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.ListTeams(ctx, &secretsv1.ListTeamsRequest{})
		return err
	},
	"DeleteTeam": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteTeam(ctx, &secretsv1.DeleteTeamRequest{Name: on.parent(), Etag: "no such"})
		return err
	},
	"RotateKEK": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.RotateKEK(ctx, &secretsv1.RotateKEKRequest{})
		return err
	},
	"RotateDataKey": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.RotateDataKey(ctx, &secretsv1.RotateDataKeyRequest{Name: on.parent()})
		return err
	},
	"GetKeyStatus": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.GetKeyStatus(ctx, &secretsv1.GetKeyStatusRequest{Name: on.parent()})
		return err
	},
	"CreateMember": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: on.parent(), UserId: on.user, Role: secretsv1.Role_ROLE_MEMBER})
		return err
	},
	"ListMembers": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListMembers(ctx, &secretsv1.ListMembersRequest{Parent: on.parent()})
		return err
	},
	"UpdateMember": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.UpdateMember(ctx, &secretsv1.UpdateMemberRequest{Name: on.memberName(), Role: secretsv1.Role_ROLE_MEMBER})
		return err
	},
	"DeleteMember": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: on.memberName()})
		return err
	},
	"CreateAPIKey": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		// Nobody's scopes are exceeded, so that the answer is about the right.
		me, err := c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		if err != nil {
			return err
		}
		_, err = c.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: on.parent(), Scopes: me.GetScopes()})
		return err
	},
	"ListAPIKeys": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: on.parent()})
		return err
	},
	"RevokeAPIKey": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: on.parent() + "/apiKeys/" + on.key})
		return err
	},
	// The calling key itself, which every key may rotate, would stop being the caller: another one, by its name.
	"RotateAPIKey": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.RotateAPIKey(ctx, &secretsv1.RotateAPIKeyRequest{Name: on.parent() + "/apiKeys/" + on.key, OverlapSeconds: 60})
		return err
	},
	"CreateOIDCTrust": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateOIDCTrust(ctx, &secretsv1.CreateOIDCTrustRequest{Parent: on.parent(), TrustId: "ci", Trust: &secretsv1.OIDCTrust{
			Issuer: "https://issuer.example", Audience: "casemate", Subject: "ci", UserId: on.user,
		}})
		return err
	},
	"ListOIDCTrusts": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListOIDCTrusts(ctx, &secretsv1.ListOIDCTrustsRequest{Parent: on.parent()})
		return err
	},
	"DeleteOIDCTrust": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteOIDCTrust(ctx, &secretsv1.DeleteOIDCTrustRequest{Name: on.parent() + "/oidcTrusts/ci"})
		return err
	},
	"ExchangeToken": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ExchangeToken(ctx, &secretsv1.ExchangeTokenRequest{Name: on.parent() + "/oidcTrusts/ci", Token: "no.token.atall"})
		return err
	},
	"WhoAmI": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		return err
	},
	"ListAuditEntries": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: on.parent()})
		return err
	},
	"VerifyAuditLog": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
		return err
	},
	"TailAuditEntries": func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		return drain(c.TailAuditEntries(ctx, &secretsv1.TailAuditEntriesRequest{Parent: on.parent(), Last: 10}))
	},
	"ExportAuditLog": func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		return drain(c.ExportAuditLog(ctx, &secretsv1.ExportAuditLogRequest{}))
	},
}

// drain reads a stream to its end.
func drain[T any](stream grpc.ServerStreamingClient[T], err error) error {
	for err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (on target) parent() string      { return "teams/" + on.team }
func (on target) secretName() string  { return on.parent() + "/secrets/" + on.secret }
func (on target) versionName() string { return on.secretName() + "/versions/" + on.version }
func (on target) memberName() string  { return on.parent() + "/members/" + on.user }

// sandboxes counts those of all batches: each needs an id of its own.
var sandboxes atomic.Int64

func newSandboxID() string { return fmt.Sprint("sb-", sandboxes.Add(1)) }

// batchOf asks for the latest versions of secrets, for a new sandbox.
func batchOf(team string, names ...string) *secretsv1.BatchAccessSecretVersionsRequest {
	req := &secretsv1.BatchAccessSecretVersionsRequest{
		Parent: "teams/" + team, Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT, SandboxId: newSandboxID(),
	}
	for _, n := range names {
		req.References = append(req.References, &secretsv1.SecretVersionReference{SecretId: n})
	}
	return req
}

func TestCallsAreComplete(t *testing.T) {
	methods := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager").Methods()
	for i := range methods.Len() {
		if _, ok := calls[string(methods.Get(i).Name())]; !ok {
			t.Errorf("no test calls %s", methods.Get(i).Name())
		}
	}
}

// start starts a secretsd with team ml and one secret, HF_TOKEN, with two versions.
func start(t testing.TB, opts ...secretsdtest.Option) *secretsdtest.Server {
	t.Helper()
	s := secretsdtest.Start(t, opts...)
	s.CreateTeam("ml")
	s.CreateSecret("ml", "HF_TOKEN", "one")
	s.AddVersion("ml", "HF_TOKEN", "two")
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError expects a kind and a reason, and a message.
func wantError(t testing.TB, err error, kind errdefs.Kind, reason string) *errdefs.Error {
	t.Helper()
	e, ok := errdefs.As(errgrpc.FromError(err))
	if !ok {
		t.Errorf("error = %v, want reason %s", err, reason)
		return &errdefs.Error{}
	}
	if e.Kind != kind || e.Reason != reason || e.Message == "" {
		t.Errorf("error = %v (kind %d, reason %q), want kind %d, reason %s", err, e.Kind, e.Reason, kind, reason)
	}
	return e
}
