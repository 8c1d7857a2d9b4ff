package kms_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gocloud.dev/secrets"

	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/kms"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestSchemes: what the configuration takes for a service, its library knows.
func TestSchemes(t *testing.T) {
	for _, scheme := range envelope.ServiceSchemes {
		if !secrets.DefaultURLMux().ValidKeeperScheme(scheme) {
			t.Errorf("%s has no library", scheme)
		}
	}
}

// transit speaks as much of the Transit engine's protocol as is used of it. It is no Vault and no OpenBao, which can't be
// had where this is tested: it shows that their library is called rightly, and nothing of how they answer.
type transit struct {
	fault string
	hang  chan struct{}
}

func (s *transit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req struct{ Plaintext, Ciphertext string }
	_ = json.NewDecoder(r.Body).Decode(&req)
	switch {
	case s.fault == "hang":
		<-s.hang
	case s.fault == "nothing":
		w.WriteHeader(http.StatusNoContent)
	case s.fault == "nonsense":
		_, _ = w.Write([]byte(`{"data": {"plaintext": 1}}`))
	case r.Header.Get("X-Vault-Token") != "token":
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/v1/transit/encrypt/casemate":
		_, _ = w.Write([]byte(`{"data": {"ciphertext": "vault:v1:` + req.Plaintext + `"}}`))
	case r.URL.Path == "/v1/transit/decrypt/casemate" && strings.HasPrefix(req.Ciphertext, "vault:v1:"):
		_, _ = w.Write([]byte(`{"data": {"plaintext": "` + strings.TrimPrefix(req.Ciphertext, "vault:v1:") + `"}}`))
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

func TestTransit(t *testing.T) {
	handler := &transit{hang: make(chan struct{})}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(handler.hang) })
	t.Setenv("VAULT_SERVER_URL", server.URL)
	t.Setenv("VAULT_SERVER_TOKEN", "token")
	t.Setenv("VAULT_MAX_RETRIES", "0")
	safe := func(url string) *envelope.Safe {
		return envelope.NewSafe(filepath.Join(t.TempDir(), "kek.json"), envelope.ServiceLock("hashivault", kms.Open(url)))
	}
	good := safe("hashivault://casemate")
	kek, err := good.Create(t.Context())
	must(t, err)
	again, err := good.Load(t.Context())
	if err != nil || again.ID() != kek.ID() {
		t.Fatalf("Load = %v", err)
	}
	if _, err := safe("hashivault://another").Create(t.Context()); err == nil {
		t.Error("a key that the service does not have")
	}
	service := kms.Open("hashivault://casemate")
	wrapped, err := service.Encrypt(t.Context(), []byte("key"))
	if err != nil || bytes.Equal(wrapped, []byte("key")) {
		t.Errorf("Encrypt = %v", err)
	}
	for _, fault := range []string{"nothing", "nonsense"} {
		handler.fault = fault
		if _, err := service.Decrypt(t.Context(), wrapped); err == nil {
			t.Errorf("the answer %q is taken for a key", fault)
		}
	}
	handler.fault = "hang"
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := service.Decrypt(ctx, wrapped); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("of a service that does not answer: %v", err)
	}
}
