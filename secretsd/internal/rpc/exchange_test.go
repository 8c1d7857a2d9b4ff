package rpc_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/oidctest"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

const audience = "https://secrets.example"

// startWithTrust starts a secretsd whose team ml trusts the service account train of Kubernetes' namespace ml for the member ci.
func startWithTrust(t *testing.T, opts ...secretsdtest.Option) (*secretsdtest.Server, *oidctest.Issuer, *secretsv1.OIDCTrust) {
	t.Helper()
	issuer := oidctest.New(t)
	s := start(t, append(opts, secretsdtest.WithIssuers(issuer.CAFile, issuer.URL))...)
	s.CreateUser("ml", "ci", identity.RoleMember)
	want := &secretsv1.OIDCTrust{
		Issuer: issuer.URL, Audience: audience, Subject: "system:serviceaccount:ml:train",
		Claims: condition("kubernetes.io/pod/name", "train-*"), UserId: "ci", MaxTtlSeconds: 600, ReusableTokens: true, Description: "training",
	}
	made, err := s.Client(s.OperatorKey).CreateOIDCTrust(t.Context(), &secretsv1.CreateOIDCTrustRequest{Parent: "teams/ml", TrustId: "train", Trust: want})
	must(t, err)
	want.Name, want.Scopes, want.CreateTime = "teams/ml/oidcTrusts/train", []secretsv1.KeyScope{secretsv1.KeyScope_KEY_SCOPE_RUN}, made.GetTrust().GetCreateTime()
	if !proto.Equal(made.GetTrust(), want) {
		t.Errorf("trust %v, want %v", made.GetTrust(), want)
	}
	return s, issuer, want
}

func condition(claim, pattern string) []*secretsv1.ClaimCondition {
	return []*secretsv1.ClaimCondition{{Claim: claim, Pattern: pattern}}
}

// TestExchangeToken is a pod's way: no key, a token, a key, a secret in a sandbox.
func TestExchangeToken(t *testing.T) {
	s, issuer, trust := startWithTrust(t)
	ctx := t.Context()
	token := issuer.Token(issuer.Kubernetes(audience, "ml", "train", nil))
	before := len(s.AuditEntries())
	got, err := s.Client("").ExchangeToken(ctx, &secretsv1.ExchangeTokenRequest{Name: trust.GetName(), Token: token, TtlSeconds: 120})
	must(t, err)
	expectEntry(t, "ci", s.AuditEntries()[before:], "key.exchange", true, secretsv1.AuditDecision_AUDIT_DECISION_ALLOWED)
	record := got.GetApiKey()
	if record.GetOidcTrust() != trust.GetName() || record.GetOidcSubject() != trust.GetSubject() || record.GetUserId() != "ci" ||
		record.GetExpireTime().AsTime().Sub(record.GetCreateTime().AsTime()) != 2*time.Minute {
		t.Errorf("key %v", record)
	}
	values, err := s.SandboxdClient(got.GetKey()).BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))
	must(t, err)
	if string(values.GetValues()[0].GetData()) != "two" {
		t.Error("the batch gave something else than what was stored")
	}
	wantError(t, second(s.Client(got.GetKey()).AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{
		Name: "teams/ml/secrets/HF_TOKEN/versions/2",
	})), errdefs.PermissionDenied, "PERMISSION_DENIED")

	// A wrong key in the metadata beside it is nobody's business.
	_, err = s.Client(unknownKey(t)).ExchangeToken(ctx, &secretsv1.ExchangeTokenRequest{Name: trust.GetName(), Token: token})
	must(t, err)

	// The trust ends, and the key with it.
	deleted, err := s.Client(s.OperatorKey).DeleteOIDCTrust(ctx, &secretsv1.DeleteOIDCTrustRequest{Name: trust.GetName()})
	must(t, err)
	if deleted.GetRevokedKeys() != 2 {
		t.Errorf("%d keys are revoked, want 2", deleted.GetRevokedKeys())
	}
	wantError(t, second(s.Client(got.GetKey()).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})), errdefs.Unauthenticated, "API_KEY_INVALID")
	if logs := s.Logs(); strings.Contains(logs, token) || strings.Contains(logs, got.GetKey()) {
		t.Error("the log holds a token or a key")
	}
}

// TestTokensAreThrottled has the address that guesses with tokens refused, for keys too.
func TestTokensAreThrottled(t *testing.T) {
	s, issuer, trust := startWithTrust(t, secretsdtest.WithFailedAttempts(1, 3))
	exchange := func(account string) error {
		token := issuer.Token(issuer.Kubernetes(audience, "ml", account, nil))
		return second(s.Client("").ExchangeToken(t.Context(), &secretsv1.ExchangeTokenRequest{Name: trust.GetName(), Token: token}))
	}
	for range 3 {
		wantError(t, exchange("other"), errdefs.Unauthenticated, "OIDC_TOKEN_REFUSED")
	}
	wantError(t, exchange("other"), errdefs.ResourceExhausted, "TOO_MANY_FAILED_ATTEMPTS")
	wantError(t, whoami(t.Context(), s.Client(""), unknownKey(t), ""), errdefs.ResourceExhausted, "TOO_MANY_FAILED_ATTEMPTS")
	if logs := s.Logs(); !strings.Contains(logs, `the subject is \"system:serviceaccount:ml:other\"`) {
		t.Error("the log does not say why a token was refused")
	}
}

// TestExchangesAreCounted has one reusable token exchanged again and again, for keys that have ended before they could be too
// many: each is a row and an entry that stay. They count as calls of the user's, and nobody else's.
func TestExchangesAreCounted(t *testing.T) {
	s, issuer, trust := startWithTrust(t, secretsdtest.WithLimits(func(l *config.Limits) {
		l.User = config.Rates{Writes: 1, WritesBurst: 50}
	}))
	req := &secretsv1.ExchangeTokenRequest{
		Name: trust.GetName(), Token: issuer.Token(issuer.Kubernetes(audience, "ml", "train", nil)), TtlSeconds: 1,
	}
	exchange := func() error { return second(s.Client("").ExchangeToken(t.Context(), req)) }
	for range 50 {
		must(t, exchange())
	}
	before := len(s.AuditEntries())
	if e := wantError(t, exchange(), errdefs.ResourceExhausted, "RATE_LIMITED"); e.Metadata["limit"] != "caller" || e.Metadata["class"] != "writes" {
		t.Errorf("%v, want the limit of the user's writes", e.Metadata)
	}
	if n := len(s.AuditEntries()) - before; n != 0 {
		t.Errorf("%d audit entries of what was refused for its number", n)
	}
	must(t, second(s.Client(s.OperatorKey).DeleteOIDCTrust(t.Context(), &secretsv1.DeleteOIDCTrustRequest{Name: trust.GetName()})))
}

func TestTrustRequests(t *testing.T) {
	s, issuer, trust := startWithTrust(t)
	ctx, root := t.Context(), s.Client(s.OperatorKey)
	for name, change := range map[string]func(*secretsv1.CreateOIDCTrustRequest){
		"no trust":             func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust = nil },
		"an id in capitals":    func(r *secretsv1.CreateOIDCTrustRequest) { r.TrustId = "CI" },
		"any subject":          func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.Subject = "**" },
		"no audience":          func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.Audience = "" },
		"a claim without name": func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.Claims = condition("a//b", "c") },
		"a claim twice":        func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.Claims = append(r.Trust.Claims, r.Trust.Claims...) },
		"a claim without text": func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.Claims = condition("a", "") },
		"too short":            func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.MaxTtlSeconds = 59 },
		"too long":             func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.MaxTtlSeconds = 3601 },
		"no user":              func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.UserId = "" },
		"a bad user":           func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.UserId = "CI" },
		"a control character":  func(r *secretsv1.CreateOIDCTrustRequest) { r.Trust.Description = "\x07" },
	} {
		req := &secretsv1.CreateOIDCTrustRequest{Parent: "teams/ml", TrustId: "another", Trust: proto.CloneOf(trust)}
		change(req)
		if err := second(root.CreateOIDCTrust(ctx, req)); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, token := range []string{"", strings.Repeat("x", 16385)} {
		err := second(root.ExchangeToken(ctx, &secretsv1.ExchangeTokenRequest{Name: trust.GetName(), Token: token}))
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	another := proto.CloneOf(trust)
	another.MaxTtlSeconds = 0
	made, err := root.CreateOIDCTrust(ctx, &secretsv1.CreateOIDCTrustRequest{Parent: "teams/ml", TrustId: "a", Trust: another})
	must(t, err)
	if made.GetTrust().GetMaxTtlSeconds() != 3600 {
		t.Errorf("trust %v, want an hour", made.GetTrust())
	}
	var names []string
	for token := ""; ; {
		page, err := root.ListOIDCTrusts(ctx, &secretsv1.ListOIDCTrustsRequest{Parent: "teams/ml", PageSize: 1, PageToken: token})
		must(t, err)
		for _, o := range page.GetTrusts() {
			names = append(names, o.GetName())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if strings.Join(names, " ") != "teams/ml/oidcTrusts/a teams/ml/oidcTrusts/train" {
		t.Errorf("trusts %v", names)
	}
	issuer.SetAway(true)
	err = second(root.ExchangeToken(ctx, &secretsv1.ExchangeTokenRequest{Name: trust.GetName(), Token: issuer.Token(issuer.Kubernetes(audience, "ml", "train", nil))}))
	wantError(t, err, errdefs.Unavailable, "OIDC_ISSUER_UNAVAILABLE")
}

// TestRotateAPIKey rotates over the wire: by the key itself, and by its name.
func TestRotateAPIKey(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	old := s.CreateUser("ml", "bob", identity.RoleMember)
	r, err := s.Client(old).RotateAPIKey(ctx, &secretsv1.RotateAPIKeyRequest{OverlapSeconds: 600})
	must(t, err)
	if r.GetApiKey().GetRotatedFrom() != r.GetOldApiKey().GetName() || r.GetApiKey().GetUserId() != "bob" || r.GetOldApiKey().GetExpireTime() == nil {
		t.Errorf("rotation %v", r.GetApiKey())
	}
	for _, key := range []string{old, r.GetKey()} {
		must(t, second(s.SandboxdClient(key).BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))))
	}
	next, err := s.Client(s.OperatorKey).RotateAPIKey(ctx, &secretsv1.RotateAPIKeyRequest{Name: r.GetApiKey().GetName()})
	must(t, err)
	wantError(t, second(s.Client(r.GetKey()).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})), errdefs.Unauthenticated, "API_KEY_INVALID")
	must(t, second(s.Client(next.GetKey()).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})))
	for _, bad := range []*secretsv1.RotateAPIKeyRequest{{Name: "teams/ml"}, {OverlapSeconds: -1}, {OverlapSeconds: 2592001}} {
		wantError(t, second(s.Client(next.GetKey()).RotateAPIKey(ctx, bad)), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
}
