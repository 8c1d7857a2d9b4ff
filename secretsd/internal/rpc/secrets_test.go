package rpc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func TestSecretLifecycle(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	c, ctx := s.Client(s.OperatorKey), t.Context()
	made, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{
		Parent: "teams/ml", SecretId: "HF_TOKEN", Data: []byte("one"),
		Secret: &secretsv1.Secret{Description: "for pulls", Labels: map[string]string{"env": "prod"}, Name: "ignored", LatestVersion: 9},
	})
	must(t, err)
	got := made.GetSecret()
	if got.GetName() != "teams/ml/secrets/HF_TOKEN" || got.GetDescription() != "for pulls" || got.GetLabels()["env"] != "prod" ||
		got.GetLatestVersion() != 1 || got.GetEtag() == "" || got.GetCreateTime() == nil || got.GetUpdateTime() == nil {
		t.Errorf("secret %v", got)
	}
	if v := made.GetVersion(); v.GetName() != "teams/ml/secrets/HF_TOKEN/versions/1" || v.GetCreator() != "root" || v.GetSizeBytes() != 3 ||
		v.GetState() != secretsv1.VersionState_VERSION_STATE_ENABLED || v.GetDestroyTime() != nil {
		t.Errorf("version %v", v)
	}
	read, err := c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: got.GetName()})
	must(t, err)
	if read.GetSecret().String() != got.String() {
		t.Errorf("read %v, made %v", read.GetSecret(), got)
	}

	// The etag guards what was seen.
	updated, err := c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{
		Secret:     &secretsv1.Secret{Name: got.GetName(), Description: "new", Etag: got.GetEtag()},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"description"}},
	})
	must(t, err)
	if u := updated.GetSecret(); u.GetDescription() != "new" || u.GetLabels()["env"] != "prod" || u.GetEtag() == got.GetEtag() {
		t.Errorf("updated %v", u)
	}
	_, err = c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{Secret: &secretsv1.Secret{Name: got.GetName(), Etag: got.GetEtag()}})
	wantError(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	_, err = c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: got.GetName(), Etag: got.GetEtag()})
	wantError(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	cleared, err := c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{Secret: &secretsv1.Secret{Name: got.GetName()}})
	must(t, err)
	if u := cleared.GetSecret(); u.GetDescription() != "" || len(u.GetLabels()) != 0 {
		t.Errorf("an empty mask means all fields, but the secret is %v", u)
	}
	deleted, err := c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: got.GetName(), Etag: cleared.GetSecret().GetEtag()})
	must(t, err)
	if d := deleted.GetSecret(); d.GetDeleteTime() == nil || d.GetPurgeTime().AsTime().Sub(d.GetDeleteTime().AsTime()) != 30*24*time.Hour {
		t.Errorf("deleted %v, want one that is kept for 30 days", d)
	}
	read, err = c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: got.GetName()})
	if err != nil || read.GetSecret().String() != deleted.GetSecret().String() {
		t.Errorf("read %v, %v; want the deleted secret %v", read.GetSecret(), err, deleted.GetSecret())
	}
	gone := func(reason string) {
		t.Helper()
		for _, err := range []error{
			second(c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: got.GetName()})),
			second(c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{Secret: &secretsv1.Secret{Name: got.GetName()}})),
			second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: got.GetName(), Data: []byte("x")})),
			second(c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: got.GetName()})),
			second(c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: got.GetName() + "/versions/1"})),
			second(c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: got.GetName() + "/versions/1"})),
			second(c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: got.GetName() + "/versions/1"})),
			second(c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: got.GetName() + "/versions/1"})),
		} {
			wantError(t, err, errdefs.NotFound, reason)
		}
	}
	gone("SECRET_DELETED")
	_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "HF_TOKEN"})
	if e := wantError(t, err, errdefs.AlreadyExists, "SECRET_EXISTS"); !strings.Contains(e.Message, "undelete it") {
		t.Errorf("%v does not say that the secret is a deleted one", e)
	}
	_, err = c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: got.GetName(), Purge: true})
	must(t, err)
	gone("SECRET_NOT_FOUND")
	_, err = c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: got.GetName()})
	wantError(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
	_, err = c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: got.GetName()})
	wantError(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
}

// second is the error of a call.
func second[T any](_ T, err error) error { return err }

func TestVersionLifecycle(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	const name = "teams/ml/secrets/HF_TOKEN/versions/"
	access := func(version string) (string, error) {
		a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: name + version})
		return a.GetName() + "=" + string(a.GetData()), err
	}
	if got, err := access("latest"); err != nil || got != name+"2=two" {
		t.Errorf("latest is %s, %v", got, err)
	}
	if got, err := access("1"); err != nil || got != name+"1=one" {
		t.Errorf("version 1 is %s, %v", got, err)
	}
	_, err := access("3")
	wantError(t, err, errdefs.NotFound, "VERSION_NOT_FOUND")

	for range 2 { // repeating it is no error
		v, err := c.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: name + "2"})
		must(t, err)
		if v.GetVersion().GetState() != secretsv1.VersionState_VERSION_STATE_DISABLED {
			t.Errorf("version %v", v)
		}
	}
	_, err = access("2")
	wantError(t, err, errdefs.FailedPrecondition, "VERSION_DISABLED")
	v, err := c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: name + "2"})
	must(t, err)
	if v.GetVersion().GetState() != secretsv1.VersionState_VERSION_STATE_ENABLED {
		t.Errorf("version %v", v)
	}
	if got, err := access("2"); err != nil || got != name+"2=two" {
		t.Errorf("version 2 is %s, %v", got, err)
	}
	for range 2 {
		v, err := c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: name + "2"})
		must(t, err)
		if v := v.GetVersion(); v.GetState() != secretsv1.VersionState_VERSION_STATE_DESTROYED || v.GetDestroyTime() == nil || v.GetSizeBytes() != 0 {
			t.Errorf("version %v", v)
		}
	}
	for _, err := range []error{
		second(access("2")),
		second(c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: name + "2"})),
		second(c.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: name + "2"})),
	} {
		wantError(t, err, errdefs.FailedPrecondition, "VERSION_DESTROYED")
	}
	for _, err := range []error{
		second(c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: name + "9"})),
		second(c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: name + "9"})),
		second(c.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: name + "9"})),
		second(c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: name + "9"})),
	} {
		wantError(t, err, errdefs.NotFound, "VERSION_NOT_FOUND")
	}
	got, err := c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: name + "latest"})
	if err != nil || got.GetVersion().GetName() != name+"1" {
		t.Errorf("latest is %v, %v; want the newest that is not destroyed", got, err)
	}
	list, err := c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: "teams/ml/secrets/HF_TOKEN"})
	must(t, err)
	if len(list.GetVersions()) != 2 || list.GetVersions()[0].GetName() != name+"2" || list.GetNextPageToken() != "" {
		t.Errorf("versions %v, want both, newest first", list)
	}
	_, err = c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: name + "1"})
	must(t, err)
	_, err = c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: name + "latest"})
	wantError(t, err, errdefs.FailedPrecondition, "VERSION_DESTROYED")
}

func TestFields(t *testing.T) {
	s := start(t)
	s.CreateSecret("ml", "DB", `{"user":"ada","port":5432}`)
	s.CreateSecret("ml", "EMPTY", "")
	c, ctx := s.Client(s.OperatorKey), t.Context()
	access := func(secret, field string) (string, error) {
		a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/" + secret + "/versions/latest", Field: field})
		return string(a.GetData()), err
	}
	for field, want := range map[string]string{"user": "ada", "port": "5432", "": `{"user":"ada","port":5432}`} {
		if got, err := access("DB", field); err != nil || got != want {
			t.Errorf("field %q = %q, %v", field, got, err)
		}
	}
	_, err := access("DB", "password")
	wantError(t, err, errdefs.FailedPrecondition, "FIELD_NOT_FOUND")
	_, err = access("HF_TOKEN", "user")
	wantError(t, err, errdefs.FailedPrecondition, "NOT_STRUCTURED")
	_, err = access("EMPTY", "")
	wantError(t, err, errdefs.NotFound, "VERSION_NOT_FOUND")
}

func TestPayloadIsAnyBytesUpTo64KiB(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	for name, data := range map[string][]byte{"BYTES": {0, 255, 1, '\n'}, "LARGEST": make([]byte, 65536)} {
		_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: data})
		must(t, err)
		a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/" + name + "/versions/1"})
		if err != nil || !slices.Equal(a.GetData(), data) {
			t.Errorf("%s: %d bytes came back, %v", name, len(a.GetData()), err)
		}
	}
	large := make([]byte, 65537)
	wantError(t, second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "LARGER", Data: large})), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	wantError(t, second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/HF_TOKEN", Data: large})), errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

func TestMalformedRequests(t *testing.T) {
	s := start(t)
	c, ctx := s.SandboxdClient(s.OperatorKey), t.Context()
	long := strings.Repeat("x", 256)
	badBatch := batchOf("ml", "no good", "HF_TOKEN")
	badBatch.References[1].Version = "0"
	noPurpose := batchOf("ml", "HF_TOKEN")
	noPurpose.Purpose = 0
	noSandbox := batchOf("ml", "HF_TOKEN")
	noSandbox.SandboxId = ""
	for _, test := range []struct {
		err    error
		fields []string
	}{
		{second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "ml", SecretId: "A"})), []string{"parent"}},
		{second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ML", SecretId: "A"})), []string{"parent"}},
		{second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "A B"})), []string{"secret_id"}},
		{second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: long})), []string{"secret_id"}},
		{second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "A", Secret: &secretsv1.Secret{Labels: map[string]string{"": ""}}})), []string{"secret.labels"}},
		{second(c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/A/versions/1"})), []string{"name"}},
		{second(c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{})), []string{"secret"}},
		{second(c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{
			Secret: &secretsv1.Secret{Name: "teams/ml/secrets/A"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}},
		})), []string{"update_mask"}},
		{second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A"})), []string{"data"}},
		{second(c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: "teams/ml/secrets/A/versions/01"})), []string{"name"}},
		{second(c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: "teams/ml/secrets/A/versions/latest"})), []string{"name"}},
		{second(c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/A/versions/1", Field: long})), []string{"field"}},
		{second(c.BatchAccessSecretVersions(ctx, badBatch)), []string{"references[0].secret_id", "references[1].version"}},
		{second(c.BatchAccessSecretVersions(ctx, noPurpose)), []string{"purpose"}},
		{second(c.BatchAccessSecretVersions(ctx, noSandbox)), []string{"sandbox_id"}},
		{second(c.BatchAccessSecretVersions(ctx, batchOf("ml"))), []string{"references"}},
		{second(c.BatchAccessSecretVersions(ctx, batchOf("ml", make([]string, 101)...))), []string{"references"}},
		{second(c.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "ends-"})), []string{"team_id"}},
		{second(c.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: "teams/ml", UserId: "Ada", Role: 1})), []string{"user_id"}},
		{second(c.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: "teams/ml", UserId: "ada"})), []string{"role"}},
		{second(c.UpdateMember(ctx, &secretsv1.UpdateMemberRequest{Name: "teams/ml/members/ada", Role: 7})), []string{"role"}},
		{second(c.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", TtlSeconds: 1 << 60})), []string{"ttl_seconds"}},
		{second(c.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", Scopes: []secretsv1.KeyScope{0}})), []string{"scopes[0]"}},
		{second(c.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: "teams/ml/apiKeys/a b"})), []string{"name"}},
		{second(c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml", PageSize: -1})), []string{"page_size"}},
		{second(c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/-"})), []string{"parent"}},
	} {
		e := wantError(t, test.err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
		var fields []string
		for _, v := range e.Violations {
			fields = append(fields, v.Subject)
		}
		if fmt.Sprint(fields) != fmt.Sprint(test.fields) {
			t.Errorf("%v: fields %v, want %v", test.err, fields, test.fields)
		}
	}
}
