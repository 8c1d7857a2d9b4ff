package rpc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

func TestListSecretUses(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	bob := s.CreateUser("ml", "bob", identity.RoleMember)
	key, err := apikey.Parse(bob)
	must(t, err)
	s.CreateSecret("ml", "DB", `{"user":"ada"}`)
	sandboxd, root := s.SandboxdClient(bob), s.Client(s.OperatorKey)
	var ids []string
	for i := range 5 {
		req := batchOf("ml", "HF_TOKEN", "DB", "HF_TOKEN")
		req.References[0].Version = []string{"1", "latest"}[i%2]
		req.References[1].Field, req.References[1].EnvVar = "user", "DB_USER"
		must(t, second(sandboxd.BatchAccessSecretVersions(ctx, req)))
		ids = append(ids, req.GetSandboxId())
	}
	must(t, second(s.SandboxdClient("").ReportSandboxes(ctx, &secretsv1.ReportSandboxesRequest{EndedSandboxIds: ids[:2]})))

	s.SetAlias("ml", "HF_TOKEN", "old", 1)

	list := func(req *secretsv1.ListSecretUsesRequest) (all []*secretsv1.SecretUse) {
		t.Helper()
		for {
			resp, err := root.ListSecretUses(ctx, req)
			must(t, err)
			all = append(all, resp.GetUses()...)
			if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
				return all
			}
		}
	}
	const token = "teams/ml/secrets/HF_TOKEN"
	for parent, want := range map[string]int{token: 10, token + "/versions/1": 3, token + "/versions/2": 7, token + "/versions/latest": 7, token + "/versions/old": 3} {
		for _, size := range []int32{0, 1, 2, 7} {
			uses := list(&secretsv1.ListSecretUsesRequest{Parent: parent, PageSize: size})
			if len(uses) != want {
				t.Errorf("%s by pages of %d: %d uses, want %d", parent, size, len(uses), want)
			}
			for i := 1; i < len(uses); i++ {
				if uses[i].GetAuditSequence() >= uses[i-1].GetAuditSequence() {
					t.Errorf("%s by pages of %d: not newest first", parent, size)
				}
			}
		}
	}
	running := list(&secretsv1.ListSecretUsesRequest{Parent: token, RunningOnly: true, PageSize: 4})
	if len(running) != 6 || running[5].GetSandbox() != "teams/ml/sandboxes/"+ids[2] {
		t.Errorf("running: %v", running)
	}

	uses := list(&secretsv1.ListSecretUsesRequest{Parent: "teams/ml/secrets/DB"})
	oldest := uses[len(uses)-1]
	var entry *secretsv1.AuditEntry
	for _, e := range s.AuditEntries() {
		if e.GetSequence() == oldest.GetAuditSequence() {
			entry = e
		}
	}
	if entry.GetAction() != "version.use" || entry.GetSandboxId() != ids[0] || entry.GetResource() != oldest.GetVersion() {
		t.Errorf("the receipt's audit entry is %v", entry)
	}
	want := &secretsv1.SecretUse{
		Version: "teams/ml/secrets/DB/versions/1", Field: "user", EnvVar: "DB_USER", Sandbox: "teams/ml/sandboxes/" + ids[0],
		UserId: "bob", ApiKeyId: key.ID(), Workload: sandboxdID, RequestId: entry.GetRequestId(), UseTime: oldest.GetUseTime(),
		EndTime: oldest.GetEndTime(), AuditSequence: entry.GetSequence(),
	}
	if d := cmp.Diff(want, oldest, protocmp.Transform()); d != "" || oldest.GetUseTime().AsTime().After(entry.GetTime().AsTime()) ||
		oldest.GetEndTime().AsTime().Before(entry.GetTime().AsTime()) {
		t.Errorf("receipt (-want +got):\n%s", d)
	}

	for parent, reason := range map[string]string{
		"teams/ml/secrets/NONE": "SECRET_NOT_FOUND", token + "/versions/9": "VERSION_NOT_FOUND", token + "/versions/none": "ALIAS_NOT_FOUND",
	} {
		wantError(t, second(root.ListSecretUses(ctx, &secretsv1.ListSecretUsesRequest{Parent: parent})), errdefs.NotFound, reason)
	}
	for _, req := range []*secretsv1.ListSecretUsesRequest{
		{}, {Parent: "teams/ml"}, {Parent: token, PageSize: -1}, {Parent: token, PageToken: "x"}, {Parent: token + "/versions/0"},
	} {
		wantError(t, second(root.ListSecretUses(ctx, req)), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	other, err := root.ListSecretUses(ctx, &secretsv1.ListSecretUsesRequest{Parent: token, PageSize: 1})
	must(t, err)
	wantError(t, second(root.ListSecretUses(ctx, &secretsv1.ListSecretUsesRequest{
		Parent: token, RunningOnly: true, PageToken: other.GetNextPageToken(),
	})), errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

func TestRevokeSecretVersion(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	root := s.Client(s.OperatorKey)
	const name = "teams/ml/secrets/HF_TOKEN/versions/2"
	for range 2 { // repeating it is no error
		resp, err := root.RevokeSecretVersion(ctx, &secretsv1.RevokeSecretVersionRequest{Name: name, Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP})
		must(t, err)
		if resp.GetVersion().GetState() != secretsv1.VersionState_VERSION_STATE_DISABLED || resp.GetRunningSandboxes() != 0 {
			t.Errorf("answer %v", resp)
		}
	}
	entries := s.AuditEntries()
	if e := entries[len(entries)-1]; e.GetAction() != "version.revoke" || e.GetResource() != name || e.GetUserId() != "root" {
		t.Errorf("entry %v", e)
	}
	for _, req := range []*secretsv1.RevokeSecretVersionRequest{
		{Name: name}, {Name: name, Action: 9}, {Name: "teams/ml/secrets/HF_TOKEN/versions/latest", Action: 1}, {Action: 1},
	} {
		wantError(t, second(root.RevokeSecretVersion(ctx, req)), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	wantError(t, second(root.RevokeSecretVersion(ctx, &secretsv1.RevokeSecretVersionRequest{
		Name: "teams/ml/secrets/HF_TOKEN/versions/9", Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP,
	})), errdefs.NotFound, "VERSION_NOT_FOUND")
}
