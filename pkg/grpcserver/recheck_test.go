package grpcserver_test

import (
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
)

// TestRunningCallsAreRechecked has what authentication says change while a call runs.
func TestRunningCallsAreRechecked(t *testing.T) {
	ctx, _ := withKey(t)
	admin := identity.Caller{UserID: "ada", Teams: map[string]identity.Role{"ml": identity.RoleAdmin}}
	member := identity.Caller{UserID: "ada", Teams: map[string]identity.Role{"ml": identity.RoleMember}}
	for name, test := range map[string]struct {
		now    identity.Caller
		err    error
		reason string // empty: the call goes on
	}{
		"revoked":        {err: errdefs.New(errdefs.Unauthenticated, "API_KEY_INVALID", "revoked"), reason: "API_KEY_INVALID"},
		"another role":   {now: member, reason: "PERMISSION_DENIED"},
		"another team":   {now: identity.Caller{UserID: "ada"}, reason: "PERMISSION_DENIED"},
		"nobody to ask":  {err: errdefs.New(errdefs.Unavailable, "SECRETSD_UNAVAILABLE", "away")},
		"still the same": {now: admin},
	} {
		t.Run(name, func(t *testing.T) {
			var changed atomic.Bool
			asked := make(chan struct{}, 1000)
			s := &secrets{entered: make(chan struct{}, 1), release: make(chan struct{})}
			e := start(t, edgeOptions{secrets: s, recheck: 10 * time.Millisecond, caller: func() (identity.Caller, error) {
				if !changed.Load() {
					return admin, nil
				}
				asked <- struct{}{}
				return test.now, test.err
			}})
			conn := e.dial(t, "sandboxd")
			done := make(chan error, 1)
			go func() {
				_, err := secretsv1.NewSecretsManagerClient(conn).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
				done <- err
			}()
			<-s.entered
			changed.Store(true)
			if test.reason == "" {
				for range 3 { // it is asked, and goes on
					<-asked
				}
				close(s.release)
				if err := <-done; err != nil {
					t.Errorf("the call ended with %v", err)
				}
				return
			}
			if err := <-done; errdefs.ReasonOf(errgrpc.FromError(err)) != test.reason {
				t.Errorf("the call ended with %v, want %s", err, test.reason)
			}
		})
	}
}

// TestRefusedStreamPassesNothing has a handler that waits for its client find out at the next message.
func TestRefusedStreamPassesNothing(t *testing.T) {
	var changed atomic.Bool
	asked := make(chan struct{}, 1000)
	e := start(t, edgeOptions{recheck: 10 * time.Millisecond, caller: func() (identity.Caller, error) {
		if changed.Load() {
			asked <- struct{}{}
			return identity.Caller{}, errdefs.New(errdefs.Unauthenticated, "API_KEY_INVALID", "revoked")
		}
		return identity.Caller{UserID: "ada"}, nil
	}})
	ctx, _ := withKey(t)
	stream, err := sandboxv1.NewSandboxServiceClient(e.dial(t, "sandboxd")).StreamExec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	echo := func() error {
		if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte("x")}}); err != nil {
			return err
		}
		_, err := stream.Recv()
		return err
	}
	if err := echo(); err != nil {
		t.Fatal(err)
	}
	changed.Store(true)
	<-asked
	var last error
	for last == nil { // at most the message that was on its way when the refusal came
		last = echo()
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Unauthenticated && status.Code(last) != codes.Unauthenticated {
		t.Errorf("the stream ended with %v, %v", last, err)
	}
}
