package client_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/client/clienttest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// attempts counts the attempts of calls, and says when one has failed.
type attempts struct {
	begun  atomic.Int32
	failed chan struct{}
}

// TagRPC and the others implement stats.Handler.
func (*attempts) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*attempts) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*attempts) HandleConn(context.Context, stats.ConnStats)                       {}
func (a *attempts) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s := s.(type) {
	case *stats.Begin:
		a.begun.Add(1)
	case *stats.End:
		if s.Error != nil {
			select {
			case a.failed <- struct{}{}:
			default:
			}
		}
	}
}

func connect(t *testing.T, s *secretsdtest.Server, o client.Options) (secretsv1.SecretsManagerClient, *attempts) {
	t.Helper()
	a := &attempts{failed: make(chan struct{}, 1)}
	o.Address, o.CAFile, o.DialOptions = s.Address(), s.CAFile(), []grpc.DialOption{grpc.WithStatsHandler(a)}
	c := secretsv1.NewSecretsManagerClient(clienttest.Dial(t, o, s.OperatorKey))
	if _, err := c.WhoAmI(t.Context(), &secretsv1.WhoAmIRequest{}); err != nil {
		t.Fatal(err)
	}
	if n := a.begun.Swap(0); n != 1 {
		t.Fatalf("%d attempts at a daemon that answers", n)
	}
	return c, a
}

func TestAReadRidesOutARestart(t *testing.T) {
	s := secretsdtest.Start(t)
	c, a := connect(t, s, client.Options{})
	s.Stop()
	done := make(chan error, 1)
	go func() {
		_, err := c.WhoAmI(t.Context(), &secretsv1.WhoAmIRequest{})
		done <- err
	}()
	select {
	case <-a.failed:
	case err := <-done:
		t.Fatalf("a stopped secretsd answers: %v", err)
	}
	s.Restart()
	if err := <-done; err != nil {
		t.Fatalf("WhoAmI over a restart: %v", err)
	}
	if n := a.begun.Load(); n < 2 {
		t.Errorf("%d attempts", n)
	}
}

func TestWhatMayNotBeRepeatedIsTriedOnce(t *testing.T) {
	s := secretsdtest.Start(t)
	add := func(c secretsv1.SecretsManagerClient) error {
		_, err := c.AddSecretVersion(t.Context(), &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte("x")})
		return err
	}
	read := func(c secretsv1.SecretsManagerClient) error {
		_, err := c.WhoAmI(t.Context(), &secretsv1.WhoAmIRequest{})
		return err
	}
	retrying, retryingAttempts := connect(t, s, client.Options{})
	failing, failingAttempts := connect(t, s, client.Options{NoRetry: true})
	s.Stop()
	if err := add(retrying); status.Code(err) != codes.Unavailable || retryingAttempts.begun.Load() != 1 {
		t.Errorf("AddSecretVersion: %v after %d attempts", err, retryingAttempts.begun.Load())
	}
	if err := read(failing); status.Code(err) != codes.Unavailable || failingAttempts.begun.Load() != 1 {
		t.Errorf("WhoAmI with NoRetry: %v after %d attempts", err, failingAttempts.begun.Load())
	}
}

func TestRunSandboxHasARequestID(t *testing.T) {
	var sent []string
	stop := errors.New("far enough")
	see := func(_ context.Context, _ string, req, _ any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
		sent = append(sent, req.(*sandboxv1.RunSandboxRequest).GetRequestId())
		return stop
	}
	c := sandboxv1.NewSandboxServiceClient(clienttest.Dial(t, client.Options{
		Address: "http://127.0.0.1:1", DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(see)},
	}, ""))
	mine := &sandboxv1.RunSandboxRequest{RequestId: "mine"}
	none := &sandboxv1.RunSandboxRequest{}
	for _, req := range []*sandboxv1.RunSandboxRequest{mine, none, none} {
		if _, err := c.RunSandbox(t.Context(), req); !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	if sent[0] != "mine" || sent[1] == "" || sent[2] == "" || sent[1] == sent[2] {
		t.Errorf("request ids %q", sent)
	}
	if none.GetRequestId() != "" {
		t.Error("the caller's own request was changed")
	}
}
