package rpc_test

import (
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

func TestUpdateTeam(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	admin := s.Client(s.CreateUser("ml", "ada", identity.RoleAdmin, identity.ScopeManage))
	update := func(team *secretsv1.Team, paths ...string) (*secretsv1.Team, error) {
		team.Name = "teams/ml"
		resp, err := admin.UpdateTeam(ctx, &secretsv1.UpdateTeamRequest{Team: team, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return resp.GetTeam(), err
	}
	seen := func() *secretsv1.Team {
		t.Helper()
		resp, err := admin.GetTeam(ctx, &secretsv1.GetTeamRequest{Name: "teams/ml"})
		must(t, err)
		return resp.GetTeam()
	}
	before := seen()
	if before.GetMaskOutput() {
		t.Errorf("a new team masks: %v", before)
	}
	on, err := update(&secretsv1.Team{MaskOutput: true, Etag: before.GetEtag()}, "mask_output")
	must(t, err)
	if !on.GetMaskOutput() || on.GetEtag() == before.GetEtag() || seen().String() != on.String() {
		t.Errorf("changed to %v, stored %v", on, seen())
	}
	_, err = update(&secretsv1.Team{Etag: before.GetEtag()}, "mask_output")
	wantError(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	_, err = update(&secretsv1.Team{}, "mask_output", "create_time")
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	if got := seen(); got.String() != on.String() {
		t.Errorf("refused changes left %v", got)
	}
	off, err := update(&secretsv1.Team{})
	must(t, err)
	if off.GetMaskOutput() {
		t.Errorf("changed to %v", off)
	}
	log, err := admin.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml", PageSize: 1000})
	must(t, err)
	changes := 0
	for _, e := range log.GetEntries() {
		if e.GetAction() == "team.update" && e.GetUserId() == "ada" && e.GetResource() == "teams/ml" {
			changes++
		}
	}
	if changes != 2 {
		t.Errorf("%d changes are in the audit log, want 2", changes)
	}
}

// TestBatchCarriesTheTeamsPolicy, as it is at the time, and of that team only.
func TestBatchCarriesTheTeamsPolicy(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	s.CreateSecret("ml", "TOKEN", "a value to use")
	s.CreateSecret("ops", "TOKEN", "another value")
	keys := map[string]string{
		"ml": s.CreateUser("ml", "bob", identity.RoleMember), "ops": s.CreateUser("ops", "eve", identity.RoleMember),
	}
	for i, want := range []bool{false, true, false} {
		s.MaskOutput("ml", want)
		for team, key := range keys {
			resp, err := s.SandboxdClient(key).BatchAccessSecretVersions(t.Context(), &secretsv1.BatchAccessSecretVersionsRequest{
				Parent: "teams/" + team, Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
				SandboxId: team + "-" + string(rune('a'+i)), References: []*secretsv1.SecretVersionReference{{SecretId: "TOKEN"}},
			})
			must(t, err)
			if got := resp.GetMaskOutput(); got != (want && team == "ml") {
				t.Errorf("team %s, policy of ml %v: the answer says %v", team, want, got)
			}
		}
	}
}

func TestAddedVersionsTellWhetherTheyAreMasked(t *testing.T) {
	s := start(t)
	s.CreateSecret("ml", "A", "first value")
	root := s.Client(s.OperatorKey)
	for value, want := range map[string]secretsv1.MaskingGap{
		"1234":          secretsv1.MaskingGap_MASKING_GAP_SHORT,
		"password":      secretsv1.MaskingGap_MASKING_GAP_COMMON,
		"correct horse": secretsv1.MaskingGap_MASKING_GAP_UNSPECIFIED,
	} {
		resp, err := root.AddSecretVersion(t.Context(), &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte(value)})
		must(t, err)
		if resp.GetMaskingGap() != want {
			t.Errorf("%s: %v, want %v", value, resp.GetMaskingGap(), want)
		}
	}
	resp, err := root.AddSecretVersion(t.Context(), &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Generate: &secretsv1.GeneratedValue{Length: 20}})
	must(t, err)
	if resp.GetMaskingGap() != secretsv1.MaskingGap_MASKING_GAP_UNSPECIFIED {
		t.Errorf("a generated value: %v", resp)
	}
}
