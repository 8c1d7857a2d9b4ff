package rpc_test

import (
	"context"
	"strings"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// trace is what an rpc leaves in the audit log.
type trace struct {
	// action is that of its entry.
	action string
	// metadata says that who may call it reads metadata, which leaves no entry.
	metadata bool
	// anybody says that nobody with a valid key is denied.
	anybody bool
	// reports says that only workloads call it, whose reports change nothing here. Who has no certificate is nobody, and
	// leaves no entry.
	reports bool
	// gathered says that failed attempts are counted, and come into the log together.
	gathered bool
	// also are the actions of the further entries of a call that is allowed.
	also []string
	// before is the rpc that makes what is to be there; empty: none.
	before string
	// call is the call of who may, where that of `calls` does nothing.
	call func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error
}

// traces has every rpc.
var traces = map[string]trace{
	"CreateSecret": {action: "secret.create", call: func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: on.parent(), SecretId: "NEW"})
		return err
	}},
	"GetSecret":    {action: "secret.get", metadata: true},
	"ListSecrets":  {action: "secret.list", metadata: true},
	"UpdateSecret": {action: "secret.update"},
	"DeleteSecret": {action: "secret.delete", call: func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: on.secretName()})
		return err
	}},
	"AddSecretVersion":          {action: "version.add"},
	"GetSecretVersion":          {action: "version.get", metadata: true},
	"ListSecretVersions":        {action: "version.list", metadata: true},
	"EnableSecretVersion":       {action: "version.enable"},
	"DisableSecretVersion":      {action: "version.disable"},
	"DestroySecretVersion":      {action: "version.destroy"},
	"AccessSecretVersion":       {action: "version.access"},
	"BatchAccessSecretVersions": {action: "version.use"},
	"ListSecretUses":            {action: "secret.uses", metadata: true},
	"RevokeSecretVersion":       {action: "version.revoke"},
	"WatchRevocations":          {reports: true},
	"ReportSandboxes":           {reports: true},
	"EndWorkloadInstance":       {action: "workload.end"},
	"CreateSecretGrant":         {action: "grant.create"},
	"UndeleteSecret": {action: "secret.undelete", before: "DeleteSecret", call: func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: on.secretName()})
		return err
	}},
	"DeleteSecretGrant": {action: "grant.delete", before: "CreateSecretGrant", call: func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		list, err := c.ListSecretGrants(ctx, &secretsv1.ListSecretGrantsRequest{Parent: on.secretName()})
		if err == nil {
			_, err = c.DeleteSecretGrant(ctx, &secretsv1.DeleteSecretGrantRequest{Name: list.GetGrants()[0].GetName()})
		}
		return err
	}},
	"ListSecretGrants": {action: "grant.list", metadata: true},
	"TestPermissions":  {metadata: true, anybody: true},
	"CreateTeam": {action: "team.create", call: func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
		_, err := c.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "new"})
		return err
	}},
	"GetTeam":    {action: "team.get", metadata: true},
	"ListTeams":  {metadata: true, anybody: true},
	"UpdateTeam": {action: "team.update"},
	// The key of the team's other member ends with it.
	"DeleteTeam": {action: "team.delete", also: []string{"key.revoke"}, call: func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.DeleteTeam(ctx, &secretsv1.DeleteTeamRequest{Name: on.parent()})
		return err
	}},
	"RotateDataKey": {action: "team.rotate_key"},
	"RotateKEK":     {action: "kek.rotate"},
	"GetKeyStatus":  {action: "team.get", metadata: true},
	"CreateMember": {action: "member.create", call: func(ctx context.Context, c secretsv1.SecretsManagerClient, on target) error {
		_, err := c.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: on.parent(), UserId: "new", Role: secretsv1.Role_ROLE_MEMBER})
		return err
	}},
	"ListMembers":      {action: "member.list", metadata: true},
	"UpdateMember":     {action: "member.update"},
	"DeleteMember":     {action: "member.delete"},
	"CreateAPIKey":     {action: "key.create"},
	"ListAPIKeys":      {action: "key.list", metadata: true},
	"RevokeAPIKey":     {action: "key.revoke"},
	"RotateAPIKey":     {action: "key.rotate", also: []string{"key.create"}},
	"CreateOIDCTrust":  {action: "trust.create"},
	"ListOIDCTrusts":   {action: "trust.list", metadata: true},
	"DeleteOIDCTrust":  {action: "trust.delete", before: "CreateOIDCTrust"},
	"ExchangeToken":    {gathered: true}, // one that succeeds: TestExchangeToken
	"WhoAmI":           {metadata: true, anybody: true},
	"ListAuditEntries": {action: "audit.read", metadata: true},
	"VerifyAuditLog":   {action: "audit.verify"},
	"TailAuditEntries": {action: "audit.tail"},
	"ExportAuditLog":   {action: "audit.export"},
}

// callOf is the call of who may.
func callOf(rpc string) func(context.Context, secretsv1.SecretsManagerClient, target) error {
	if call := traces[rpc].call; call != nil {
		return call
	}
	return calls[rpc]
}

// TestEveryRPCLeavesItsEntry calls every rpc of the service as somebody who may and as somebody who may not, and looks for
// the one entry that each must leave: reads of values, denials, changes of rights and admin acts are all in the log.
func TestEveryRPCLeavesItsEntry(t *testing.T) {
	methods := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager").Methods()
	for i := range methods.Len() {
		name := string(methods.Get(i).Name())
		want, known := traces[name]
		if !known {
			t.Errorf("%s: say in traces what it leaves in the audit log", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, secretsdtest.WithIssuers("", "https://issuer.example"))
			s.CreateTeam("ops")
			bob, err := apikey.Parse(s.CreateUser("ml", "bob", identity.RoleMember))
			must(t, err)
			eve := s.CreateUser("ops", "eve", identity.RoleAdmin, secretsdtest.AllScopes...)
			on := target{"ml", "HF_TOKEN", "1", "bob", bob.ID()}
			if want.gathered {
				expectGathered(t, s, func() error { return calls[name](t.Context(), s.SandboxdClient(eve), on) })
				return
			}

			if want.before != "" {
				must(t, callOf(want.before)(t.Context(), s.SandboxdClient(s.OperatorKey), on))
			}
			before := len(s.AuditEntries())
			must(t, callOf(name)(t.Context(), s.SandboxdClient(s.OperatorKey), on))
			entries := entriesOfCalls(s, before)
			for _, also := range want.also {
				last := len(entries) - 1
				if last < 1 || entries[last].GetAction() != also {
					t.Fatalf("the call of root left %v, want %s as well", entries, also)
				}
				entries = entries[:last]
			}
			expectEntry(t, "root", entries, want.action, !want.metadata && !want.reports, secretsv1.AuditDecision_AUDIT_DECISION_ALLOWED)

			before = len(s.AuditEntries())
			stranger := s.SandboxdClient(eve)
			if want.reports {
				stranger = s.Client(eve)
			}
			err = calls[name](t.Context(), stranger, on)
			if want.reports {
				wantError(t, err, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
			} else if isDenied(err) == want.anybody {
				t.Errorf("a stranger's call: %v", err)
			}
			expectEntry(t, "eve", entriesOfCalls(s, before), want.action, !want.anybody && !want.reports, secretsv1.AuditDecision_AUDIT_DECISION_DENIED)
		})
	}
}

// entriesOfCalls are the entries after a number of them, without those of what secretsd does by itself meanwhile, such as
// the work that a rotation begins.
func entriesOfCalls(s *secretsdtest.Server, after int) (list []*secretsv1.AuditEntry) {
	for _, e := range s.AuditEntries()[after:] {
		if e.GetRequestId() != "" {
			list = append(list, e)
		}
	}
	return list
}

// expectGathered makes a call fail twice, and expects one entry of both when secretsd has stopped.
func expectGathered(t *testing.T, s *secretsdtest.Server, call func() error) {
	t.Helper()
	before := len(s.AuditEntries())
	for range 2 {
		if err := call(); errdefs.KindOf(errgrpc.FromError(err)) != errdefs.Unauthenticated {
			t.Errorf("a call that is to fail: %v", err)
		}
	}
	if entries := s.AuditEntries()[before:]; len(entries) != 0 {
		t.Errorf("entries %v: each attempt would be a durable write", entries)
	}
	s.Restart()
	entries := s.AuditEntries()[before:]
	if len(entries) != 1 || entries[0].GetDecision() != secretsv1.AuditDecision_AUDIT_DECISION_DENIED ||
		!strings.HasSuffix(entries[0].GetResource(), "#attempts=2") {
		t.Errorf("entries %v, want one of both attempts", entries)
	}
}

func expectEntry(t *testing.T, user string, entries []*secretsv1.AuditEntry, action string, leaves bool, decision secretsv1.AuditDecision) {
	t.Helper()
	switch {
	case !leaves && len(entries) == 0:
	case !leaves || len(entries) != 1:
		t.Errorf("the call of %s left %v", user, entries)
	case entries[0].GetAction() != action || entries[0].GetDecision() != decision || entries[0].GetUserId() != user ||
		entries[0].GetRequestId() == "" || entries[0].GetResource() == "":
		t.Errorf("the call of %s left %v, want %s, %v", user, entries[0], action, decision)
	}
}
