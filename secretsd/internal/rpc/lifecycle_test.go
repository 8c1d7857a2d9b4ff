package rpc_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/crc32c"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

const token = "teams/ml/secrets/HF_TOKEN"

func update(s *secretsv1.Secret, paths ...string) *secretsv1.UpdateSecretRequest {
	s.Name = token
	return &secretsv1.UpdateSecretRequest{Secret: s, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}}
}

// TestAliasesWhereverAVersionIsRead takes an alias in every place that takes `latest`.
func TestAliasesWhereverAVersionIsRead(t *testing.T) {
	s := start(t)
	c, ctx := s.SandboxdClient(s.OperatorKey), t.Context()
	set, err := c.UpdateSecret(ctx, update(&secretsv1.Secret{VersionAliases: map[string]int64{"stable": 1}}, "version_aliases"))
	if err != nil || set.GetSecret().GetVersionAliases()["stable"] != 1 {
		t.Fatalf("%v, %v", set, err)
	}
	v, err := c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: token + "/versions/stable"})
	if err != nil || v.GetVersion().GetName() != token+"/versions/1" {
		t.Errorf("%v, %v", v, err)
	}
	a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: token + "/versions/stable"})
	if err != nil || string(a.GetData()) != "one" || a.GetName() != token+"/versions/1" {
		t.Errorf("%s, %v", a.GetName(), err)
	}
	batch := batchOf("ml", "HF_TOKEN", "HF_TOKEN")
	batch.References[0].Version = "stable"
	b, err := c.BatchAccessSecretVersions(ctx, batch)
	if err != nil || string(b.GetValues()[0].GetData()) != "one" || string(b.GetValues()[1].GetData()) != "two" {
		t.Errorf("the batch: %v", err)
	}
	batch.References[0].Version = "nope"
	_, err = c.BatchAccessSecretVersions(ctx, batch)
	e := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if len(e.Violations) != 1 || e.Violations[0].Type != "ALIAS_NOT_FOUND" || e.Violations[0].Subject != token+"/versions/nope" {
		t.Errorf("violations %+v", e.Violations)
	}
	_, err = c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: token + "/versions/nope"})
	wantError(t, err, errdefs.NotFound, "ALIAS_NOT_FOUND")
	// A change names a number.
	_, err = c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: token + "/versions/stable"})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

func TestUpdateTakesWhatTheMaskNames(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	all := &secretsv1.Secret{
		Description: "d", Labels: map[string]string{"a": "b"}, VersionAliases: map[string]int64{"stable": 1},
		VersionDestroyTtl: durationpb.New(48 * time.Hour), ExpireTime: timestamppb.New(time.Now().Add(time.Hour).Truncate(time.Second)),
	}
	_, err := c.UpdateSecret(ctx, update(all, "description", "labels", "version_aliases", "version_destroy_ttl", "expire_time"))
	must(t, err)
	got, err := c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: token})
	must(t, err)
	if g := got.GetSecret(); g.GetDescription() != "d" || len(g.GetVersionAliases()) != 1 || g.GetVersionDestroyTtl().AsDuration() != 48*time.Hour ||
		!g.GetExpireTime().AsTime().Equal(all.GetExpireTime().AsTime()) || g.GetTtl() != nil {
		t.Errorf("%v, want %v", g, all)
	}
	// An empty mask means description and labels, and leaves the rest.
	left, err := c.UpdateSecret(ctx, update(&secretsv1.Secret{}))
	if l := left.GetSecret(); err != nil || l.GetDescription() != "" || len(l.GetLabels()) != 0 || len(l.GetVersionAliases()) != 1 || l.GetExpireTime() == nil {
		t.Errorf("%v, %v", l, err)
	}
	before := time.Now()
	ttl, err := c.UpdateSecret(ctx, update(&secretsv1.Secret{Ttl: durationpb.New(2 * time.Hour), ExpireTime: all.GetExpireTime()}, "ttl"))
	must(t, err)
	if at := ttl.GetSecret().GetExpireTime().AsTime(); at.Before(before.Add(2*time.Hour)) || at.After(time.Now().Add(2*time.Hour)) {
		t.Errorf("expires at %v, want in two hours from %v", at, before)
	}
	cleared, err := c.UpdateSecret(ctx, update(&secretsv1.Secret{}, "version_aliases", "version_destroy_ttl", "expire_time"))
	if g := cleared.GetSecret(); err != nil || g.GetExpireTime() != nil || g.GetVersionDestroyTtl() != nil || len(g.GetVersionAliases()) != 0 {
		t.Errorf("%v, %v", g, err)
	}
}

func TestMalformedLifecycles(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	many := map[string]int64{}
	for i := range 51 {
		many[fmt.Sprint("v", i)] = 1
	}
	day := durationpb.New(24 * time.Hour)
	for name, test := range map[string]struct {
		secret *secretsv1.Secret
		path   string
		field  string
	}{
		"51 aliases":              {&secretsv1.Secret{VersionAliases: many}, "version_aliases", "secret.version_aliases"},
		"an alias latest":         {&secretsv1.Secret{VersionAliases: map[string]int64{"Latest": 1}}, "version_aliases", "secret.version_aliases"},
		"an alias like a number":  {&secretsv1.Secret{VersionAliases: map[string]int64{"1": 1}}, "version_aliases", "secret.version_aliases"},
		"an alias of 64":          {&secretsv1.Secret{VersionAliases: map[string]int64{strings.Repeat("a", 64): 1}}, "version_aliases", "secret.version_aliases"},
		"an alias of version 0":   {&secretsv1.Secret{VersionAliases: map[string]int64{"a": 0}}, "version_aliases", "secret.version_aliases"},
		"destroyed in a second":   {&secretsv1.Secret{VersionDestroyTtl: durationpb.New(time.Second)}, "version_destroy_ttl", "secret.version_destroy_ttl"},
		"destroyed in 1001 days":  {&secretsv1.Secret{VersionDestroyTtl: durationpb.New(1001 * 24 * time.Hour)}, "version_destroy_ttl", "secret.version_destroy_ttl"},
		"destroyed in a fraction": {&secretsv1.Secret{VersionDestroyTtl: durationpb.New(24*time.Hour + 1)}, "version_destroy_ttl", "secret.version_destroy_ttl"},
		"no duration":             {&secretsv1.Secret{VersionDestroyTtl: &durationpb.Duration{Seconds: math.MaxInt64}}, "version_destroy_ttl", "secret.version_destroy_ttl"},
		"expired":                 {&secretsv1.Secret{ExpireTime: timestamppb.New(time.Now().Add(-time.Minute))}, "expire_time", "secret.expire_time"},
		"year 2200":               {&secretsv1.Secret{ExpireTime: timestamppb.New(time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))}, "expire_time", "secret.expire_time"},
		"no time":                 {&secretsv1.Secret{ExpireTime: &timestamppb.Timestamp{Seconds: math.MaxInt64}}, "expire_time", "secret.expire_time"},
		"ttl 0":                   {&secretsv1.Secret{Ttl: durationpb.New(0)}, "ttl", "secret.ttl"},
		"ttl -1":                  {&secretsv1.Secret{Ttl: durationpb.New(-time.Second)}, "ttl", "secret.ttl"},
		"ttl of 101 years":        {&secretsv1.Secret{Ttl: durationpb.New(101 * 365 * 24 * time.Hour)}, "ttl", "secret.ttl"},
		"a path of the output":    {&secretsv1.Secret{DeleteTime: timestamppb.Now()}, "delete_time", "update_mask"},
	} {
		fields := func(err error) string {
			e := wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
			if len(e.Violations) != 1 {
				return fmt.Sprint(e.Violations)
			}
			return e.Violations[0].Subject
		}
		if got := fields(second(c.UpdateSecret(ctx, update(test.secret, test.path)))); got != test.field {
			t.Errorf("%s: violation of %s, want %s", name, got, test.field)
		}
		if test.field == "update_mask" {
			continue
		}
		if got := fields(second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", Data: []byte("v"), Secret: test.secret}))); got != test.field {
			t.Errorf("%s, created: violation of %s, want %s", name, got, test.field)
		}
	}
	both := &secretsv1.Secret{Ttl: day, ExpireTime: timestamppb.New(time.Now().Add(time.Hour))}
	for _, err := range []error{
		second(c.UpdateSecret(ctx, update(both, "ttl", "expire_time"))),
		second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", Secret: both})),
		second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", RequestId: strings.Repeat("x", 129)})),
		second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Data: []byte("x"), Generate: &secretsv1.GeneratedValue{}})),
		second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, IfChanged: true, Generate: &secretsv1.GeneratedValue{}})),
		second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Generate: &secretsv1.GeneratedValue{Length: 7}})),
		second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Generate: &secretsv1.GeneratedValue{Length: 4097}})),
		second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Generate: &secretsv1.GeneratedValue{Charset: 77}})),
		second(c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml", Filter: "name ="})),
		second(c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: token, Filter: "nope = 1"})),
	} {
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
}

func TestDelayedDestroyAndUndelete(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	_, err := c.UpdateSecret(ctx, update(&secretsv1.Secret{VersionDestroyTtl: durationpb.New(48 * time.Hour)}, "version_destroy_ttl"))
	must(t, err)
	v, err := c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: token + "/versions/1"})
	must(t, err)
	if d := v.GetVersion(); d.GetState() != secretsv1.VersionState_VERSION_STATE_DISABLED || d.GetScheduledDestroyTime().AsTime().Before(time.Now().Add(47*time.Hour)) ||
		d.GetDestroyTime() != nil || d.GetSizeBytes() != 3 {
		t.Errorf("%v, want one that is disabled for two days", d)
	}
	_, err = c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: token + "/versions/1", Etag: "stale"})
	wantError(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	back, err := c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: token + "/versions/1", Etag: v.GetVersion().GetEtag()})
	if err != nil || back.GetVersion().GetScheduledDestroyTime() != nil || back.GetVersion().GetEtag() == v.GetVersion().GetEtag() {
		t.Errorf("%v, %v", back, err)
	}

	deleted, err := c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: token})
	must(t, err)
	list := func(show bool) (n int) {
		resp, err := c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml", ShowDeleted: show})
		must(t, err)
		return len(resp.GetSecrets())
	}
	if list(false) != 0 || list(true) != 1 {
		t.Errorf("%d secrets are listed, and %d with deleted ones; want 0 and 1", list(false), list(true))
	}
	_, err = c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: token, Etag: "stale"})
	wantError(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	undeleted, err := c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: token, Etag: deleted.GetSecret().GetEtag()})
	if err != nil || undeleted.GetSecret().GetDeleteTime() != nil || undeleted.GetSecret().GetPurgeTime() != nil {
		t.Errorf("%v, %v", undeleted, err)
	}
	_, err = c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: token})
	wantError(t, err, errdefs.AlreadyExists, "SECRET_NOT_DELETED")
	a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: token + "/versions/1"})
	if err != nil || string(a.GetData()) != "one" {
		t.Errorf("%v", err)
	}
}

func TestChecksumsBothWays(t *testing.T) {
	s := start(t)
	s.CreateSecret("ml", "DB", `{"user":"ada"}`)
	c, ctx := s.SandboxdClient(s.OperatorKey), t.Context()
	const want = 0xe3069283 // of 123456789
	right, wrong := int64(want), int64(0)
	_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", Data: []byte("123456789"), DataCrc32C: &wrong})
	wantError(t, err, errdefs.InvalidArgument, "DATA_CORRUPTED")
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Data: []byte("123456789"), DataCrc32C: &wrong})
	wantError(t, err, errdefs.InvalidArgument, "DATA_CORRUPTED")
	for _, outside := range []int64{-1, 1 << 32} {
		_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Data: []byte("123456789"), DataCrc32C: &outside})
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", Data: []byte("123456789"), DataCrc32C: &right})
	must(t, err)
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: token, Data: []byte("123456789"), DataCrc32C: &right})
	must(t, err)
	a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/B/versions/1"})
	if err != nil || a.GetDataCrc32C() != want {
		t.Errorf("checksum %x, %v", a.GetDataCrc32C(), err)
	}
	// Of a field it is the field's.
	batch := batchOf("ml", "B", "DB")
	batch.References[1].Field = "user"
	b, err := c.BatchAccessSecretVersions(ctx, batch)
	must(t, err)
	if b.GetValues()[0].GetDataCrc32C() != want || b.GetValues()[1].GetDataCrc32C() != crc32c.Sum([]byte("ada")) {
		t.Error("the batch has other checksums")
	}
}

func TestGeneratedValuesStayInside(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	made, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", Generate: &secretsv1.GeneratedValue{}})
	must(t, err)
	if made.GetVersion().GetSizeBytes() != 32 {
		t.Errorf("%v, want 32 characters", made.GetVersion())
	}
	added, err := c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{
		Parent: "teams/ml/secrets/B", Generate: &secretsv1.GeneratedValue{Length: 12, Charset: secretsv1.Charset_CHARSET_DIGITS},
	})
	must(t, err)
	for version, set := range map[string]string{"1": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "2": "0123456789"} {
		a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/B/versions/" + version})
		must(t, err)
		value := string(a.GetData())
		if strings.Trim(value, set) != "" || len(value) != map[string]int{"1": 32, "2": 12}[version] {
			t.Errorf("version %s has %d characters, or others than %s", version, len(value), set)
		}
		if strings.Contains(made.String()+added.String()+s.Logs(), value) {
			t.Errorf("the answer or the log holds the generated value of version %s", version)
		}
		_, err = c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: a.GetName(), Field: "x"})
		wantError(t, err, errdefs.FailedPrecondition, "NOT_STRUCTURED")
	}
}

func TestRequestIDsAndIfChanged(t *testing.T) {
	s := start(t)
	c, ctx := s.Client(s.OperatorKey), t.Context()
	create := &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "B", Data: []byte("one"), RequestId: "7c1f"}
	first, err := c.CreateSecret(ctx, create)
	must(t, err)
	s.Restart()
	c = s.Client(s.OperatorKey)
	again, err := c.CreateSecret(ctx, create)
	if err != nil || again.String() != first.String() {
		t.Errorf("after a restart: %v, %v; want %v", again, err, first)
	}
	create.Data = []byte("two")
	_, err = c.CreateSecret(ctx, create)
	wantError(t, err, errdefs.AlreadyExists, "REQUEST_ID_CONFLICT")
	for i, want := range []bool{true, false, true} {
		value := []string{"one", "two", "two"}[i]
		v, err := c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/B", Data: []byte(value), IfChanged: true})
		if err != nil || v.GetUnchanged() != want {
			t.Errorf("%s: %v, %v", value, v, err)
		}
	}
	stored, err := c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/B"})
	must(t, err)
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/B", Data: []byte("x"), Etag: "stale"})
	wantError(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/B", Data: []byte("x"), Etag: stored.GetSecret().GetEtag()})
	must(t, err)
}

// TestFiltersAndTheirPages reads filtered lists page by page. A token continues its own filter only.
func TestFiltersAndTheirPages(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	c, ctx := s.Client(s.OperatorKey), t.Context()
	for i := range 7 {
		_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{
			Parent: "teams/ml", SecretId: fmt.Sprint("S", i), Secret: &secretsv1.Secret{Labels: map[string]string{"odd": fmt.Sprint(i % 2)}},
		})
		must(t, err)
	}
	s.AddVersion("ml", "S0", "x")
	_, err := c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: "teams/ml/secrets/S3"})
	must(t, err)
	req := &secretsv1.ListSecretsRequest{Parent: "teams/ml", Filter: `labels.odd = "1"`, PageSize: 1}
	token := ""
	for _, want := range []string{"S1", "S5"} {
		page, err := c.ListSecrets(ctx, req)
		if err != nil || len(page.GetSecrets()) != 1 || page.GetSecrets()[0].GetName() != "teams/ml/secrets/"+want {
			t.Fatalf("page %v, %v; want %s", page, err, want)
		}
		if token == "" {
			token = page.GetNextPageToken()
		}
		req.PageToken = page.GetNextPageToken()
	}
	if token == "" || req.PageToken != "" {
		t.Errorf("tokens %q, then %q: want none after the last that matches", token, req.PageToken)
	}
	for _, other := range []*secretsv1.ListSecretsRequest{
		{Parent: "teams/ml", PageToken: token},
		{Parent: "teams/ml", PageToken: token, Filter: `labels.odd = "0"`},
		{Parent: "teams/ml", PageToken: token, Filter: req.GetFilter(), ShowDeleted: true},
	} {
		_, err := c.ListSecrets(ctx, other)
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	all, err := c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml", Filter: `labels.odd = 1 OR latest_version > 0`, ShowDeleted: true})
	if err != nil || fmt.Sprint(names(all.GetSecrets())) != "[teams/ml/secrets/S0 teams/ml/secrets/S1 teams/ml/secrets/S3 teams/ml/secrets/S5]" {
		t.Errorf("%v, %v", names(all.GetSecrets()), err)
	}
	for range 4 {
		s.AddVersion("ml", "S0", "x")
	}
	s.DestroyVersion("ml", "S0", "2")
	s.DestroyVersion("ml", "S0", "4")
	versions, err := c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: "teams/ml/secrets/S0", Filter: "state = ENABLED AND version < 5", PageSize: 1})
	if err != nil || fmt.Sprint(names(versions.GetVersions())) != "[teams/ml/secrets/S0/versions/3]" {
		t.Fatalf("%v, %v", versions, err)
	}
	_, err = c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: "teams/ml/secrets/S0", PageToken: versions.GetNextPageToken()})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	rest, err := c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{
		Parent: "teams/ml/secrets/S0", Filter: "state = ENABLED AND version < 5", PageToken: versions.GetNextPageToken(),
	})
	if err != nil || fmt.Sprint(names(rest.GetVersions())) != "[teams/ml/secrets/S0/versions/1]" || rest.GetNextPageToken() != "" {
		t.Errorf("%v, %v", rest, err)
	}
}
