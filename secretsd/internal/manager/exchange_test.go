package manager_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/oidctest"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

const (
	audience = "https://secrets.example"
	mainRef  = "refs/heads/main"
)

// withIssuer lets a fixture's teams trust an issuer, and has team ml trust octo-org/app on its main branch for the member ci.
func withIssuer(t *testing.T) (*fixture, *oidctest.Issuer) {
	t.Helper()
	f, issuer := newFixture(t), oidctest.New(t)
	issuer.Now = func() time.Time { return f.now }
	v, err := oidc.New(oidc.Config{Issuers: []string{issuer.URL}, CAFile: issuer.CAFile, Now: issuer.Now})
	must(t, err)
	f.Tokens = v
	_, err = f.CreateMember(t.Context(), f.ada, "ml", "ci", identity.RoleMember)
	must(t, err)
	_, err = f.CreateOIDCTrust(t.Context(), f.ada, f.github(issuer))
	must(t, err)
	return f, issuer
}

func (f *fixture) github(issuer *oidctest.Issuer) secret.OIDCTrust {
	return secret.OIDCTrust{
		Team: "ml", ID: "app", Issuer: issuer.URL, Audience: audience, Subject: "repo:octo-org/app:ref:" + mainRef,
		Claims: map[string]string{"repository": "octo-org/app"}, UserID: "ci", MaxTTL: 10 * time.Minute,
	}
}

func (f *fixture) exchange(token string) (secret.APIKey, apikey.Key, error) {
	return f.ExchangeToken(f.t.Context(), "", "ml", "app", token, 0)
}

func TestExchange(t *testing.T) {
	f, issuer := withIssuer(t)
	before := f.mark()
	record, key, err := f.exchange(issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)))
	must(t, err)
	c := f.as(key)
	if c.UserID != "ci" || !c.Exchanged || c.Team != "ml" || len(c.Scopes) != 1 || c.Scopes[0] != identity.ScopeRun {
		t.Errorf("caller %+v", c)
	}
	if record.Trust != "app" || record.Subject != "repo:octo-org/app:ref:refs/heads/main" || !record.ExpireTime.Equal(f.now.Add(10*time.Minute)) {
		t.Errorf("record %+v", record)
	}
	if e := f.entries(before); len(e) != 1 || e[0].Action != "key.exchange" || e[0].Team != "ml" || e[0].UserID != "ci" ||
		e[0].APIKeyID != record.ID || e[0].Resource != "teams/ml/oidcTrusts/app#subject="+record.Subject || e[0].Decision != audit.Allowed {
		t.Errorf("entries %v", e)
	}
	for ttl, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, time.Hour: 10 * time.Minute} {
		record, _, err := f.ExchangeToken(t.Context(), "", "ml", "app", issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)), ttl)
		must(t, err)
		if got := record.ExpireTime.Sub(f.now); got != want {
			t.Errorf("asked for %v, the key lives for %v, want %v", ttl, got, want)
		}
	}
	f.now = f.now.Add(10 * time.Minute)
	f.dead(key)
}

// TestExchangedKeyMakesNothingThatLasts is against a job whose token becomes a foothold, with every right that a trust can give.
func TestExchangedKeyMakesNothingThatLasts(t *testing.T) {
	f, issuer := withIssuer(t)
	o := f.github(issuer)
	o.ID, o.UserID, o.Scopes = "strong", "ada", f.ada.Scopes
	_, err := f.CreateOIDCTrust(t.Context(), f.ada, o)
	must(t, err)
	_, key, err := f.ExchangeToken(t.Context(), "", "ml", "strong", issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)), 0)
	must(t, err)
	c := f.as(key)
	before := f.mark()
	for name, err := range map[string]error{
		"CreateAPIKey":    third(f.CreateAPIKey(t.Context(), c, manager.NewAPIKey{Team: "ml"})),
		"RotateAPIKey":    second(f.RotateAPIKey(t.Context(), c, "", "", 0)),
		"CreateOIDCTrust": second(f.CreateOIDCTrust(t.Context(), c, f.github(issuer))),
		// Nor does another make it one that is not of the trust.
		"RotateAPIKey by an admin": second(f.RotateAPIKey(t.Context(), f.ada, "ml", key.ID(), 0)),
	} {
		if errdefs.KindOf(err) != errdefs.PermissionDenied || errdefs.ReasonOf(err) != "KEY_EXCHANGED" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(f.entries(before)); n != 4 {
		t.Errorf("%d audit entries of four denials", n)
	}
}

// TestExchangeRefused tries tokens that are not the trust's. The answer never says which it is, and nothing is written.
func TestExchangeRefused(t *testing.T) {
	f, issuer := withIssuer(t)
	good := func() string { return issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)) }
	before := f.mark()
	var said string
	for name, try := range map[string]func() error{
		"another branch": func() error {
			return third(f.exchange(issuer.Token(issuer.GitHub(audience, "octo-org/app", "refs/heads/dev", nil))))
		},
		"another repository": func() error {
			return third(f.exchange(issuer.Token(issuer.GitHub(audience, "evil/app", mainRef, nil))))
		},
		"another audience": func() error {
			return third(f.exchange(issuer.Token(issuer.GitHub("other", "octo-org/app", mainRef, nil))))
		},
		"no such trust": func() error { return third(f.ExchangeToken(t.Context(), "", "ml", "nope", good(), 0)) },
		"no such team":  func() error { return third(f.ExchangeToken(t.Context(), "", "nope", "app", good(), 0)) },
	} {
		err := try()
		wantReason(t, err, errdefs.Unauthenticated, "OIDC_TOKEN_REFUSED")
		e, _ := errdefs.As(err)
		if said == "" {
			said = e.Message
		}
		if e.Message != said {
			t.Errorf("%s is told %q, others %q", name, e.Message, said)
		}
	}
	wantReason(t, third(f.exchange("no token")), errdefs.Unauthenticated, "OIDC_TOKEN_INVALID")
	if n := len(f.entries(before)); n != 0 {
		t.Errorf("%d audit entries, each a durable write that a stranger can cause", n)
	}
	must(t, f.FlushAttempts(t.Context()))
	got := map[string]bool{}
	for _, e := range f.entries(before) {
		got[fmt.Sprint(e.Team, " ", e.Action, " ", e.Resource, " ", e.Reason)] = true
	}
	for _, want := range []string{
		"ml key.exchange teams/ml/oidcTrusts/app#attempts=3 OIDC_TOKEN_REFUSED", " key.exchange oidcTrusts/-#attempts=2 OIDC_TOKEN_REFUSED",
		" key.exchange oidcTrusts/-#attempts=1 OIDC_TOKEN_INVALID",
	} {
		if !got[want] {
			t.Errorf("no entry %q among %v", want, got)
		}
	}

	// With its user, a trust ends, also when the user comes back.
	must(t, f.DeleteMember(t.Context(), f.ada, "ml", "ci"))
	_, err := f.CreateMember(t.Context(), f.ada, "ml", "ci", identity.RoleMember)
	must(t, err)
	wantReason(t, third(f.exchange(good())), errdefs.Unauthenticated, "OIDC_TOKEN_REFUSED")
}

func TestTokenIsExchangedOnce(t *testing.T) {
	f, issuer := withIssuer(t)
	token := issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, map[string]any{"exp": f.now.Add(48 * time.Hour).Unix()}))
	_, first, err := f.exchange(token)
	must(t, err)
	wantReason(t, third(f.exchange(token)), errdefs.Unauthenticated, "OIDC_TOKEN_REPLAYED")
	f.as(first)
	// What is remembered is remembered for as long as the token lives.
	f.now = f.now.Add(47 * time.Hour)
	must(t, f.ForgetExpired(t.Context()))
	wantReason(t, third(f.exchange(token)), errdefs.Unauthenticated, "OIDC_TOKEN_REPLAYED")
	// Its key, which expired long ago, is forgotten.
	must(t, f.view(func(r store.Reader) error {
		_, err := r.APIKey(t.Context(), first.ID())
		wantReason(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
		return nil
	}))

	// A token without an id, and those of a trust that says so, can be used until they expire.
	anonymous := issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, map[string]any{"jti": nil}))
	must(t, third(f.exchange(anonymous)))
	must(t, third(f.exchange(anonymous)))
	pods := f.github(issuer)
	pods.ID, pods.Subject, pods.Claims, pods.Reusable = "pods", "system:serviceaccount:ml:train", map[string]string{"kubernetes.io/namespace": "ml"}, true
	_, err = f.CreateOIDCTrust(t.Context(), f.ada, pods)
	must(t, err)
	projected := issuer.Token(issuer.Kubernetes(audience, "ml", "train", nil))
	for range 2 {
		must(t, third(f.ExchangeToken(t.Context(), "", "ml", "pods", projected, 0)))
	}
}

func (f *fixture) view(fn func(store.Reader) error) error { return f.store.View(f.t.Context(), fn) }

func TestTrusts(t *testing.T) {
	f, issuer := withIssuer(t)
	create := func(c identity.Caller, change func(*secret.OIDCTrust)) error {
		o := f.github(issuer)
		o.ID = "another"
		change(&o)
		return second(f.CreateOIDCTrust(t.Context(), c, o))
	}
	same := func(*secret.OIDCTrust) {}
	wantReason(t, create(f.ada, func(o *secret.OIDCTrust) { o.ID = "app" }), errdefs.AlreadyExists, "OIDC_TRUST_EXISTS")
	wantReason(t, create(f.ada, func(o *secret.OIDCTrust) { o.UserID = "nobody" }), errdefs.NotFound, "MEMBER_NOT_FOUND")
	wantReason(t, create(f.ada, func(o *secret.OIDCTrust) { o.Issuer = "https://other.example" }), errdefs.FailedPrecondition, "OIDC_ISSUER_NOT_ALLOWED")
	weak := f.ada
	weak.Scopes = []identity.Scope{identity.ScopeManage}
	wantReason(t, create(weak, same), errdefs.PermissionDenied, "SCOPE_EXCEEDED")
	member := f.ada
	member.Teams = map[string]identity.Role{"ml": identity.RoleMember}
	wantReason(t, create(member, same), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantReason(t, third(f.ListOIDCTrusts(t.Context(), member, "ml", "", 10)), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantReason(t, second(f.DeleteOIDCTrust(t.Context(), member, "ml", "app")), errdefs.PermissionDenied, "PERMISSION_DENIED")
	for i := range secret.MaxTrusts - 1 {
		must(t, create(f.ada, func(o *secret.OIDCTrust) { o.ID = fmt.Sprint("t", i) }))
	}
	wantReason(t, create(f.ada, same), errdefs.ResourceExhausted, "TOO_MANY_OIDC_TRUSTS")

	// Its keys end with it.
	_, key, err := f.exchange(issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)))
	must(t, err)
	before := f.mark()
	revoked, err := f.DeleteOIDCTrust(t.Context(), f.ada, "ml", "app")
	must(t, err)
	f.dead(key)
	if e := f.entries(before); revoked != 1 || len(e) != 2 || e[0].Action != "trust.delete" || e[1].Action != "key.revoke" {
		t.Errorf("%d keys revoked, entries %v", revoked, e)
	}
	wantReason(t, second(f.DeleteOIDCTrust(t.Context(), f.ada, "ml", "app")), errdefs.NotFound, "OIDC_TRUST_NOT_FOUND")
}
