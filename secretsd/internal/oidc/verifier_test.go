package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/oidctest"
	"github.com/casemate/casemate/secretsd/internal/oidc"
)

const audience = "https://secrets.example"

// fixture is a verifier that allows one issuer.
type fixture struct {
	*oidc.Verifier
	*oidctest.Issuer
	t   *testing.T
	now time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{Issuer: oidctest.New(t), t: t, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	f.Now = func() time.Time { return f.now }
	v, err := oidc.New(oidc.Config{Issuers: []string{f.URL}, CAFile: f.CAFile, Now: f.Now})
	if err != nil {
		t.Fatal(err)
	}
	f.Verifier = v
	return f
}

// claims are those of a GitHub Actions token, with changes.
func (f *fixture) claims(changes map[string]any) map[string]any {
	return f.GitHub(audience, "octo-org/app", "refs/heads/main", changes)
}

func (f *fixture) accepted(token string) oidc.Token {
	f.t.Helper()
	got, err := f.Verify(f.t.Context(), token)
	if err != nil {
		f.t.Fatalf("refused: %v", err)
	}
	return got
}

func (f *fixture) refused(token, words string) {
	f.t.Helper()
	_, err := f.Verify(f.t.Context(), token)
	wantError(f.t, err, errdefs.Unauthenticated, "OIDC_TOKEN_INVALID")
	if err != nil && !strings.Contains(err.Error(), words) {
		f.t.Errorf("error %q, want it to say %q", err, words)
	}
}

func wantError(t *testing.T, err error, kind errdefs.Kind, reason string) {
	t.Helper()
	if errdefs.KindOf(err) != kind || errdefs.ReasonOf(err) != reason {
		t.Errorf("error %v, want reason %s", err, reason)
	}
}

func TestGoodTokens(t *testing.T) {
	f := newFixture(t)
	got := f.accepted(f.Token(f.claims(map[string]any{"jti": "one"})))
	if got.Issuer != f.URL || got.Subject != "repo:octo-org/app:ref:refs/heads/main" || got.ID != "one" ||
		len(got.Audience) != 1 || got.Audience[0] != audience || !got.Expires.Equal(f.now.Add(5*time.Minute)) {
		t.Errorf("token %+v", got)
	}
	if got := f.accepted(f.Token(f.Kubernetes(audience, "ml", "train", nil))); got.Subject != "system:serviceaccount:ml:train" {
		t.Errorf("token %+v", got)
	}
	if got := f.accepted(f.Token(f.claims(map[string]any{"jti": nil, "nbf": nil, "iat": nil}))); got.ID != "" {
		t.Errorf("token %+v", got)
	}
	if n := f.Fetched(); n != 1 {
		t.Errorf("the keys were asked for %d times, want them remembered", n)
	}
}

func TestTimes(t *testing.T) {
	f := newFixture(t)
	at := func(d time.Duration) int64 { return f.now.Add(d).Unix() }
	f.refused(f.Token(f.claims(map[string]any{"exp": at(-time.Second)})), "expired")
	f.refused(f.Token(f.claims(map[string]any{"exp": nil})), "expired") // one that lives for ever is none
	f.refused(f.Token(f.claims(map[string]any{"nbf": at(2 * time.Minute)})), "not valid yet")
	f.refused(f.Token(f.claims(map[string]any{"nbf": at(time.Hour)})), "not valid yet")
	f.refused(f.Token(f.claims(map[string]any{"iat": at(2 * time.Minute)})), "not valid yet")
	f.accepted(f.Token(f.claims(map[string]any{"iat": at(30 * time.Second)}))) // clocks differ a little
	token := f.Token(f.claims(nil))
	f.accepted(token)
	f.now = f.now.Add(6 * time.Minute)
	f.refused(token, "expired")
}

// TestForgedTokens tries what has broken other verifiers.
func TestForgedTokens(t *testing.T) {
	f := newFixture(t)
	key, id := f.Key()
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	published := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	claims := f.claims(nil)
	good := f.Token(claims)
	parts := strings.Split(good, ".")
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	claims["repository"] = "octo-org/other"
	tampered := part(claims)

	f.accepted(good)
	f.refused(f.TokenBy(jose.ES256, stranger, id, claims), "not signed by a key of its issuer's")
	f.refused(f.TokenBy(jose.ES256, stranger, "made-up", claims), "not signed by a key of its issuer's")
	f.refused(f.TokenBy(jose.RS256, weak, id, claims), "not signed by a key of its issuer's")
	f.refused(parts[0]+"."+tampered+"."+parts[2], "not signed by a key of its issuer's")
	f.refused(f.TokenBy(jose.HS256, published, id, claims), "signed by a private key") // the public key as a shared secret
	f.refused(part(map[string]any{"alg": "none", "kid": id})+"."+parts[1]+".", "signed by a private key")
	f.refused(part(map[string]any{"alg": "None", "kid": id})+"."+parts[1]+"."+parts[2], "signed by a private key")
	f.refused(part(map[string]any{"alg": "ES256", "kid": id, "crit": []string{"exp"}, "exp": 1})+"."+parts[1]+"."+parts[2], "")
	embedded := jose.JSONWebKey{Key: stranger.Public(), KeyID: "mine", Algorithm: "ES256"}
	f.refused(part(map[string]any{"alg": "ES256", "kid": id, "jwk": embedded})+"."+parts[1]+"."+parts[2], "not signed by a key of its issuer's")
	f.refused("", "compact form")
	f.refused("a.b.c", "compact form")
	f.refused(good+"."+parts[2], "compact form")
	f.refused(strings.Repeat("x", oidc.MaxToken+1), "the most")
	f.accepted(f.Token(f.claims(map[string]any{"sub": strings.Repeat("x", 255)})))
	f.refused(f.Token(f.claims(map[string]any{"sub": strings.Repeat("x", 256)})), "the most")
	f.refused(f.Token(f.claims(map[string]any{"padding": strings.Repeat("x", oidc.MaxToken)})), "the most")
	f.refused(f.TokenBy(jose.ES256, key, id, map[string]any{"iss": f.URL, "exp": "soon"}), "")
	f.refused(f.Token(f.claims(map[string]any{"jti": 7})), "another type")
}

// TestOnlyAllowedIssuersAreAsked gives tokens of an issuer that is not allowed, which must never see a request.
func TestOnlyAllowedIssuersAreAsked(t *testing.T) {
	f := newFixture(t)
	other := oidctest.New(t)
	f.refused(other.Token(other.GitHub(audience, "octo-org/app", "refs/heads/main", nil)), "not from an issuer")
	f.refused(f.Token(f.claims(map[string]any{"iss": f.URL + "/"})), "not from an issuer")
	f.refused(f.Token(f.claims(map[string]any{"iss": nil})), "not from an issuer")
	key, id := other.Key()
	f.refused(other.TokenBy(jose.ES256, key, id, f.claims(nil)), "not signed by a key of its issuer's") // with the right name in it
	if other.Fetched() != 0 {
		t.Error("an issuer that is not allowed was asked")
	}
	var none *oidc.Verifier
	if _, err := none.Verify(t.Context(), f.Token(f.claims(nil))); errdefs.ReasonOf(err) != "OIDC_TOKEN_INVALID" || none.Allows(f.URL) {
		t.Errorf("without issuers: %v", err)
	}
}

func TestKeysRotate(t *testing.T) {
	f := newFixture(t)
	old := f.Token(f.claims(map[string]any{"exp": f.now.Add(time.Hour).Unix()}))
	f.accepted(old)
	f.now = f.now.Add(time.Minute)
	f.RotateKey()
	fresh := f.Token(f.claims(map[string]any{"exp": f.now.Add(time.Hour).Unix()}))
	f.accepted(fresh) // by a key that was not known
	f.refused(old, "not signed by a key of its issuer's")
	if n := f.Fetched(); n != 2 {
		t.Errorf("the keys were asked for %d times, want twice", n)
	}

	// A key that is withdrawn, without a token that shows it, works no longer than ten minutes.
	f.now = f.now.Add(time.Minute)
	f.accepted(fresh)
	f.RotateKey()
	f.now = f.now.Add(10 * time.Minute)
	f.refused(fresh, "not signed by a key of its issuer's")
}

// TestFloodOfUnknownKeys is against strangers who have secretsd ask the issuer all the time.
func TestFloodOfUnknownKeys(t *testing.T) {
	f := newFixture(t)
	good := f.Token(f.claims(nil))
	f.accepted(good)
	for i := range 50 {
		stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		f.refused(f.TokenBy(jose.ES256, stranger, string(rune('a'+i)), f.claims(nil)), "not signed by a key of its issuer's")
		f.now = f.now.Add(time.Second)
	}
	f.accepted(good)
	if n := f.Fetched(); n > 6 {
		t.Errorf("the keys were asked for %d times in 50 s, want every 10 s at most", n)
	}
}

func TestIssuerAway(t *testing.T) {
	f := newFixture(t)
	token := func() string { return f.Token(f.claims(nil)) }
	unavailable := func() {
		t.Helper()
		_, err := f.Verify(t.Context(), token())
		wantError(t, err, errdefs.Unavailable, "OIDC_ISSUER_UNAVAILABLE")
		if e, _ := errdefs.As(err); e.RetryAfter <= 0 {
			t.Error("it does not say when to try again")
		}
	}
	f.SetAway(true)
	unavailable()
	f.SetAway(false)
	unavailable() // it was asked just now
	f.now = f.now.Add(11 * time.Second)
	f.accepted(token())
	f.SetAway(true)
	f.now = f.now.Add(9 * time.Minute)
	f.accepted(token()) // by keys that are remembered
	f.now = f.now.Add(2 * time.Minute)
	unavailable() // they are too old: the issuer may have withdrawn them
}

// TestHostileIssuer has an allowed issuer answer what could harm.
func TestHostileIssuer(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request without TLS") }))
	t.Cleanup(plain.Close)
	for name, change := range map[string]func(*oidctest.Issuer){
		"another issuer's name":   func(i *oidctest.Issuer) { i.SetDocument("issuer", "https://other.example") },
		"keys without TLS":        func(i *oidctest.Issuer) { i.SetDocument("jwks_uri", plain.URL) },
		"keys in a file":          func(i *oidctest.Issuer) { i.SetDocument("jwks_uri", "file:///etc/passwd") },
		"no keys":                 func(i *oidctest.Issuer) { i.SetDocument("jwks_uri", nil) },
		"keys that are not there": func(i *oidctest.Issuer) { i.SetDocument("jwks_uri", i.URL+"/none") },
		"an endless document":     func(i *oidctest.Issuer) { i.SetDocument("padding", strings.Repeat("x", 2<<20)) },
		"endless keys":            func(i *oidctest.Issuer) { i.Publish(map[string]any{"kty": "?", "padding": strings.Repeat("x", 2<<20)}) },
	} {
		f := newFixture(t)
		change(f.Issuer)
		_, err := f.Verify(t.Context(), f.Token(f.claims(nil)))
		if errdefs.ReasonOf(err) != "OIDC_ISSUER_UNAVAILABLE" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Keys of unknown kinds, shared secrets and keys for encryption are left out; the others count.
	f := newFixture(t)
	key, _ := f.Key()
	f.Publish(map[string]any{"kty": "OKP", "crv": "Ed448", "x": "AA"}, map[string]any{"kty": "oct", "k": "c2VjcmV0"}, "nonsense",
		jose.JSONWebKey{Key: key.Public(), KeyID: "for encryption", Use: "enc"})
	f.accepted(f.Token(f.claims(nil)))
	f.accepted(f.TokenBy(jose.ES256, key, "", f.claims(nil))) // without an id of a key
	f.now = f.now.Add(time.Minute)
	f.refused(f.TokenBy(jose.ES256, key, "for encryption", f.claims(nil)), "not signed by a key of its issuer's")
}

func TestConfiguration(t *testing.T) {
	for _, bad := range []string{"", "issuer.example", "http://issuer.example", "https://", "https://u:p@issuer.example", "https://issuer.example#x", "https://issuer.example?x", "https://%"} {
		if _, err := oidc.New(oidc.Config{Issuers: []string{bad}, Now: time.Now}); err == nil {
			t.Errorf("the issuer %q is taken", bad)
		}
	}
	if _, err := oidc.New(oidc.Config{CAFile: "/nowhere.pem", Now: time.Now}); err == nil {
		t.Error("a CA file that is not there is taken")
	}
	if _, err := oidc.New(oidc.Config{CAFile: "verifier_test.go", Now: time.Now}); err == nil {
		t.Error("a CA file without a certificate is taken")
	}
}

func FuzzVerify(f *testing.F) {
	v, err := oidc.New(oidc.Config{Issuers: []string{"https://issuer.invalid"}, Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "a.b.c", "e30.e30.", "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIifQ.AA", "eyJhbGciOiJub25lIn0.e30.", "{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := v.Verify(t.Context(), token)
		if err == nil || got.Subject != "" {
			t.Fatalf("Verify(%q) = %+v, %v", token, got, err)
		}
	})
}
