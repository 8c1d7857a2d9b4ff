// Package oidctest is an OIDC issuer for tests: real keys, real tokens, discovery over TLS on loopback.
package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// Issuer signs tokens until its test ends.
type Issuer struct {
	// URL is the issuer's, as in its tokens' iss.
	URL string
	// CAFile is a PEM file of the authority of its certificate.
	CAFile string
	// Now tells the time of tokens.
	Now func() time.Time

	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex
	key      jose.JSONWebKey
	document map[string]any // of discovery
	keys     []any          // what the issuer publishes besides the key
	away     bool
	fetched  int
}

// New starts an issuer with one key.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, Now: time.Now}
	i.server = httptest.NewTLSServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.server.Close)
	i.URL = i.server.URL
	i.CAFile = filepath.Join(t.TempDir(), "issuer-ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw})
	if err := os.WriteFile(i.CAFile, block, 0o600); err != nil {
		t.Fatal(err)
	}
	i.document = map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"}
	i.RotateKey()
	return i
}

// RotateKey replaces the key. Tokens that were signed before are by a key that the issuer no longer publishes.
func (i *Issuer) RotateKey() {
	i.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key = jose.JSONWebKey{Key: key, KeyID: uuid.NewString(), Algorithm: string(jose.ES256), Use: "sig"}
}

// Publish adds keys, as JSON would have them, to those that the issuer publishes.
func (i *Issuer) Publish(keys ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = append(i.keys, keys...)
}

// SetDocument changes a field of the discovery document.
func (i *Issuer) SetDocument(field string, value any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.document[field] = value
}

// SetAway has the issuer answer nothing but errors, or answer again.
func (i *Issuer) SetAway(away bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.away = away
}

// Fetched is how often the keys were asked for.
func (i *Issuer) Fetched() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetched
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var answer any
	switch {
	case i.away:
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	case r.URL.Path == "/.well-known/openid-configuration":
		answer = i.document
	case r.URL.Path == "/keys":
		i.fetched++
		answer = map[string]any{"keys": append([]any{i.key.Public()}, i.keys...)}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		i.t.Error(err)
	}
}

// Key is the key that signs now, and its id.
func (i *Issuer) Key() (crypto.Signer, string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.key.Key.(crypto.Signer), i.key.KeyID
}

// Token returns a signed token of claims; those that are nil are left out.
func (i *Issuer) Token(claims map[string]any) string {
	i.t.Helper()
	key, id := i.Key()
	return i.TokenBy(jose.ES256, key, id, claims)
}

// TokenBy returns a token that any key has signed, by any algorithm, under any id.
func (i *Issuer) TokenBy(alg jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	i.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: id}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		i.t.Fatal(err)
	}
	claims = maps.Clone(claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	payload, err := json.Marshal(claims)
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		i.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}

// Kubernetes returns the claims of a projected service account token, with changes.
func (i *Issuer) Kubernetes(audience, namespace, account string, changes map[string]any) map[string]any {
	now := i.Now().Unix()
	return with(map[string]any{
		"iss": i.URL, "aud": []string{audience}, "sub": "system:serviceaccount:" + namespace + ":" + account,
		"iat": now, "nbf": now, "exp": now + 3607, "jti": uuid.NewString(),
		"kubernetes.io": map[string]any{
			"namespace":      namespace,
			"node":           map[string]any{"name": "node-1", "uid": "8c6f1a2e-6b0f-4b0e-9d7e-1d1f4ce6a001"},
			"pod":            map[string]any{"name": account + "-7d4b9c6f5-x2x7k", "uid": "8c6f1a2e-6b0f-4b0e-9d7e-1d1f4ce6a002"},
			"serviceaccount": map[string]any{"name": account, "uid": "8c6f1a2e-6b0f-4b0e-9d7e-1d1f4ce6a003"},
			"warnafter":      now + 3607,
		},
	}, changes)
}

// GitHub returns the claims of a GitHub Actions token, with changes.
func (i *Issuer) GitHub(audience, repository, ref string, changes map[string]any) map[string]any {
	now := i.Now().Unix()
	return with(map[string]any{
		"iss": i.URL, "aud": audience, "sub": "repo:" + repository + ":ref:" + ref, "iat": now, "nbf": now - 5, "exp": now + 300,
		"jti": uuid.NewString(), "repository": repository, "repository_owner": "octo-org", "repository_id": "74", "ref": ref, "ref_type": "branch",
		"ref_protected": "true", "workflow": "deploy", "event_name": "push", "actor": "octocat", "run_id": "1",
		"run_attempt": "2", "runner_environment": "github-hosted", "job_workflow_ref": repository + "/.github/workflows/deploy.yml@" + ref,
	}, changes)
}

func with(claims, changes map[string]any) map[string]any {
	maps.Copy(claims, changes)
	return claims
}
