package client_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/client/clienttest"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
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
	remove := func(c secretsv1.SecretsManagerClient) error {
		_, err := c.DeleteSecret(t.Context(), &secretsv1.DeleteSecretRequest{Name: "teams/ml/secrets/A"})
		return err
	}
	read := func(c secretsv1.SecretsManagerClient) error {
		_, err := c.WhoAmI(t.Context(), &secretsv1.WhoAmIRequest{})
		return err
	}
	retrying, retryingAttempts := connect(t, s, client.Options{})
	failing, failingAttempts := connect(t, s, client.Options{NoRetry: true})
	s.Stop()
	if err := remove(retrying); status.Code(err) != codes.Unavailable || retryingAttempts.begun.Load() != 1 {
		t.Errorf("DeleteSecret: %v after %d attempts", err, retryingAttempts.begun.Load())
	}
	if err := read(failing); status.Code(err) != codes.Unavailable || failingAttempts.begun.Load() != 1 {
		t.Errorf("WhoAmI with NoRetry: %v after %d attempts", err, failingAttempts.begun.Load())
	}
}

// TestCallsHaveARequestID sends every request that has a request_id without one.
func TestCallsHaveARequestID(t *testing.T) {
	var sent []string
	stop := errors.New("far enough")
	see := func(_ context.Context, _ string, req, _ any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
		sent = append(sent, req.(interface{ GetRequestId() string }).GetRequestId())
		return stop
	}
	conn := clienttest.Dial(t, client.Options{
		Address: "http://127.0.0.1:1", DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(see)},
	}, "")
	sandboxes, secrets := sandboxv1.NewSandboxServiceClient(conn), secretsv1.NewSecretsManagerClient(conn)
	calls := map[string]func(req proto.Message) error{
		"RunSandbox": func(req proto.Message) error {
			_, err := sandboxes.RunSandbox(t.Context(), req.(*sandboxv1.RunSandboxRequest))
			return err
		},
		"CreateSecret": func(req proto.Message) error {
			_, err := secrets.CreateSecret(t.Context(), req.(*secretsv1.CreateSecretRequest))
			return err
		},
		"AddSecretVersion": func(req proto.Message) error {
			_, err := secrets.AddSecretVersion(t.Context(), req.(*secretsv1.AddSecretVersionRequest))
			return err
		},
	}
	for _, file := range []protoreflect.FileDescriptor{
		secretsv1.File_casemate_secrets_v1_secrets_manager_proto, sandboxv1.File_casemate_sandbox_v1_sandbox_service_proto,
	} {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				input := methods.Get(j).Input()
				field := input.Fields().ByName("request_id")
				if field == nil {
					continue
				}
				call, ok := calls[string(methods.Get(j).Name())]
				if !ok {
					t.Errorf("%s has a request_id and no test", methods.Get(j).Name())
					continue
				}
				kind, err := protoregistry.GlobalTypes.FindMessageByName(input.FullName())
				if err != nil {
					t.Fatal(err)
				}
				mine, none := kind.New(), kind.New()
				mine.Set(field, protoreflect.ValueOfString("mine"))
				sent = nil
				for _, req := range []protoreflect.Message{mine, none, none} {
					if err := call(req.Interface()); !errors.Is(err, stop) {
						t.Fatal(err)
					}
				}
				if sent[0] != "mine" || sent[1] == "" || sent[2] == "" || sent[1] == sent[2] {
					t.Errorf("%s: request ids %q", methods.Get(j).Name(), sent)
				}
				if none.Has(field) {
					t.Errorf("%s: the caller's own request was changed", methods.Get(j).Name())
				}
				delete(calls, string(methods.Get(j).Name()))
			}
		}
	}
	if len(calls) > 0 {
		t.Errorf("no rpc for %v", slices.Collect(maps.Keys(calls)))
	}
}

// TestAnAddRidesOutALostAnswer restarts secretsd under an add, which must come to one version.
func TestAnAddRidesOutALostAnswer(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	s.CreateSecret("ml", "A", "one")
	c, a := connect(t, s, client.Options{})
	s.Stop()
	type answer struct {
		version *secretsv1.AddSecretVersionResponse
		err     error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := c.AddSecretVersion(t.Context(), &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte("two")})
		done <- answer{v, err}
	}()
	select {
	case <-a.failed:
	case got := <-done:
		t.Fatalf("a stopped secretsd answers: %v", got)
	}
	s.Restart()
	if got := <-done; got.err != nil || got.version.GetVersion().GetName() != "teams/ml/secrets/A/versions/2" {
		t.Errorf("over a restart: %v", got)
	}
}

func TestValuesAreCheckedBothWays(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	damage := func([]byte) {}
	// Behind the client's own interceptors stands the wire.
	wire := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if create, ok := req.(*secretsv1.CreateSecretRequest); ok {
			damage(create.GetData())
		}
		err := invoke(ctx, method, req, reply, cc, opts...)
		if access, ok := reply.(*secretsv1.AccessSecretVersionResponse); ok {
			damage(access.GetData())
		}
		return err
	}
	c := secretsv1.NewSecretsManagerClient(clienttest.Dial(t, client.Options{
		Address: s.Address(), CAFile: s.CAFile(), DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(wire)},
	}, s.OperatorKey))
	create := func(name string) error {
		req := &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: []byte("hunter2")}
		_, err := c.CreateSecret(t.Context(), req)
		if req.DataCrc32C != nil || string(req.GetData()) != "hunter2" {
			t.Error("the caller's own request was changed")
		}
		return err
	}
	access := func() ([]byte, error) {
		a, err := c.AccessSecretVersion(t.Context(), &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/A/versions/1"})
		return a.GetData(), err
	}
	if err := create("A"); err != nil {
		t.Fatal(err)
	}
	if got, err := access(); err != nil || string(got) != "hunter2" {
		t.Errorf("%q, %v", got, err)
	}
	damage = func(b []byte) { b[2] ^= 1 }
	if err := create("B"); errdefs.ReasonOf(errgrpc.FromError(err)) != "DATA_CORRUPTED" {
		t.Errorf("a value damaged on its way there: %v", err)
	}
	if got, err := access(); errdefs.ReasonOf(err) != "DATA_CORRUPTED" || len(got) > 0 {
		t.Errorf("a value damaged on its way here: %q, %v", got, err)
	}
}
