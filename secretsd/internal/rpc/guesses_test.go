package rpc_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// whoami calls with a key, as who says to call for an address.
func whoami(ctx context.Context, c secretsv1.SecretsManagerClient, key, forAddress string) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	if forAddress != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, grpcserver.HeaderCallerAddress, forAddress)
	}
	return second(c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{}))
}

// unknownKey is one that nobody has made.
func unknownKey(t *testing.T) string {
	t.Helper()
	k, err := apikey.Generate()
	must(t, err)
	return k.Reveal()
}

// TestGuessedKeysAreThrottled guesses until it is refused. Who had the right key before goes on all the while.
func TestGuessedKeysAreThrottled(t *testing.T) {
	s := start(t, secretsdtest.WithFailedAttempts(1, 5))
	ctx, c := t.Context(), s.Client("")
	bobs := s.CreateUser("ml", "bob", identity.RoleMember)
	must(t, whoami(ctx, c, bobs, ""))
	before := len(s.AuditEntries())
	for range 5 {
		wantError(t, whoami(ctx, c, unknownKey(t), ""), errdefs.Unauthenticated, "API_KEY_INVALID")
	}
	for range 5 {
		// Saying to call for somebody else helps nobody but those who may.
		e := wantError(t, whoami(ctx, c, unknownKey(t), "192.0.2.99"), errdefs.ResourceExhausted, "TOO_MANY_FAILED_ATTEMPTS")
		if e.RetryAfter <= 0 {
			t.Error("it does not say when to try again")
		}
	}
	must(t, whoami(ctx, c, bobs, ""))
	if n := len(s.AuditEntries()) - before; n != 0 {
		t.Errorf("%d audit entries: each guess would be a durable write", n)
	}

	resp, err := http.Get("http://" + s.AdminAddress() + "/metrics")
	must(t, err)
	metrics, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	for _, want := range []string{`casemate_failed_authentications_total{result="wrong"} 5`, `casemate_failed_authentications_total{result="refused"} 5`} {
		if !strings.Contains(string(metrics), want) {
			t.Errorf("no metric %s", want)
		}
	}

	// A stop writes down what a minute gathers.
	s.Restart()
	entries := s.AuditEntries()[before:]
	if len(entries) != 2 || entries[0].GetResource() != "apiKeys/-#attempts=5" || entries[1].GetResource() != "apiKeys/-#attempts=5" {
		t.Errorf("entries %v, want one of the wrong keys and one of the refused", entries)
	}
}

// TestThrottledIDLetsTheRightKeyPass has strangers guess at a key's id from many addresses, of which its holder has none.
func TestThrottledIDLetsTheRightKeyPass(t *testing.T) {
	s := start(t, secretsdtest.WithFailedAttempts(1, 3))
	ctx, c := t.Context(), s.SandboxdClient("")
	bobs := s.CreateUser("ml", "bob", identity.RoleMember)
	guess := guessAt(t, bobs)
	for i := range 3 {
		wantError(t, whoami(ctx, c, guess, fmt.Sprint("192.0.2.", i)), errdefs.Unauthenticated, "API_KEY_INVALID")
	}
	wantError(t, whoami(ctx, c, guess, "192.0.2.77"), errdefs.ResourceExhausted, "TOO_MANY_FAILED_ATTEMPTS")
	must(t, whoami(ctx, c, bobs, "198.51.100.1")) // it was never used before
	must(t, whoami(ctx, c, bobs, ""))
}

// guessAt is a well-formed key with the id of another and a secret of its own: the form is public.
func guessAt(t *testing.T, key string) string {
	t.Helper()
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	other := unknownKey(t)
	body := key[:20] + other[20:len(other)-7]
	sum := crc32.ChecksumIEEE([]byte(body))
	tail := make([]byte, 6)
	for i := len(tail) - 1; i >= 0; i-- {
		tail[i], sum = digits[sum%62], sum/62
	}
	return body + "_" + string(tail)
}

// TestSandboxdsCallersAreThrottledEach is against one bad client of sandboxd's who spoils it for the others: they all come
// from sandboxd's address.
func TestSandboxdsCallersAreThrottledEach(t *testing.T) {
	s := start(t, secretsdtest.WithFailedAttempts(1, 3))
	ctx, c := t.Context(), s.SandboxdClient("")
	for range 3 {
		wantError(t, whoami(ctx, c, unknownKey(t), "2001:db8::1"), errdefs.Unauthenticated, "API_KEY_INVALID")
	}
	wantError(t, whoami(ctx, c, unknownKey(t), "2001:db8::2"), errdefs.ResourceExhausted, "TOO_MANY_FAILED_ATTEMPTS") // one network
	wantError(t, whoami(ctx, c, unknownKey(t), "2001:db8:0:1::1"), errdefs.Unauthenticated, "API_KEY_INVALID")
	must(t, whoami(ctx, c, s.CreateUser("ml", "bob", identity.RoleMember), "192.0.2.1"))
	// Without an address there is nothing to count by that would not be all callers'.
	for range 5 {
		wantError(t, whoami(ctx, c, unknownKey(t), "not an address"), errdefs.Unauthenticated, "API_KEY_INVALID")
	}
	// What sandboxd's callers did is not this machine's own doing.
	wantError(t, whoami(ctx, s.Client(""), unknownKey(t), ""), errdefs.Unauthenticated, "API_KEY_INVALID")
}
