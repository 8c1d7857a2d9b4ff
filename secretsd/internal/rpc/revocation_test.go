package rpc_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// TestNoCallOutlivesARevocation has many calls under way when a key is revoked, and when a version is disabled: none that
// begins after the answer gets a value, whatever is kept of what was read before.
func TestNoCallOutlivesARevocation(t *testing.T) {
	s := start(t)
	admin := s.Client(s.OperatorKey)
	for round := range 10 {
		// A user a round: one alone would come to the end of its quota.
		key := s.CreateUser("ml", fmt.Sprint("user-", round), identity.RoleAdmin, identity.ScopeRead)
		client := s.Client(key)
		request := &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/1"}
		var revoked, ended atomic.Bool
		var values atomic.Int64
		enough := make(chan struct{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for !ended.Load() {
					after := revoked.Load()
					resp, err := client.AccessSecretVersion(t.Context(), request)
					if err != nil {
						return // the first refusal: the key or the version is of no use any more
					}
					if after {
						t.Errorf("a call that began after the revocation got %d bytes", len(resp.GetData()))
					}
					if values.Add(1) == 100 {
						close(enough)
					}
				}
			})
		}
		<-enough
		if round%2 == 0 {
			s.RevokeKey("ml", key)
		} else {
			must(t, second(admin.DisableSecretVersion(t.Context(), &secretsv1.DisableSecretVersionRequest{Name: request.GetName()})))
		}
		revoked.Store(true)
		_, err := client.AccessSecretVersion(t.Context(), request)
		if round%2 == 0 {
			wantError(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
		} else {
			wantError(t, err, errdefs.FailedPrecondition, "VERSION_DISABLED")
		}
		ended.Store(true)
		wg.Wait() // before the version can be used again
		if round%2 != 0 {
			must(t, second(admin.EnableSecretVersion(t.Context(), &secretsv1.EnableSecretVersionRequest{Name: request.GetName()})))
			s.RevokeKey("ml", key)
		}
	}
}
