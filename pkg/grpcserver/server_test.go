package grpcserver_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/testcerts"
)

// marker stands for a secret value: it must come out nowhere but in a response that is meant to carry it.
const marker = "marker-7f3a"

// secrets answers each rpc in another bad way.
type secrets struct {
	secretsv1.UnimplementedSecretsManagerServer
	entered chan struct{} // gets a word when WhoAmI runs
	release chan struct{} // WhoAmI answers when it is closed
}

func (s *secrets) WhoAmI(ctx context.Context, _ *secretsv1.WhoAmIRequest) (*secretsv1.WhoAmIResponse, error) {
	if s.entered != nil {
		s.entered <- struct{}{}
		select {
		case <-s.release:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, _ := identity.FromContext(ctx)
	return &secretsv1.WhoAmIResponse{UserId: c.UserID, ApiKeyId: grpcserver.RequestID(ctx), Team: grpcserver.PeerID(ctx)}, nil
}

func (*secrets) GetSecret(context.Context, *secretsv1.GetSecretRequest) (*secretsv1.GetSecretResponse, error) {
	panic("boom " + marker)
}

func (*secrets) GetTeam(context.Context, *secretsv1.GetTeamRequest) (*secretsv1.GetTeamResponse, error) {
	return nil, fmt.Errorf("reading row 7: %w", errors.New("disk I/O error "+marker))
}

func (*secrets) ListTeams(context.Context, *secretsv1.ListTeamsRequest) (*secretsv1.ListTeamsResponse, error) {
	return nil, fmt.Errorf("listing: %w", errdefs.New(errdefs.NotFound, "TEAM_NOT_FOUND", "team ml does not exist"))
}

func (*secrets) AddSecretVersion(context.Context, *secretsv1.AddSecretVersionRequest) (*secretsv1.AddSecretVersionResponse, error) {
	return &secretsv1.AddSecretVersionResponse{}, nil
}

func (*secrets) AccessSecretVersion(context.Context, *secretsv1.AccessSecretVersionRequest) (*secretsv1.AccessSecretVersionResponse, error) {
	return &secretsv1.AccessSecretVersionResponse{Data: []byte(marker)}, nil
}

// sandboxes is the streaming half.
type sandboxes struct {
	sandboxv1.UnimplementedSandboxServiceServer
}

func (sandboxes) StreamExec(stream grpc.BidiStreamingServer[sandboxv1.StreamExecRequest, sandboxv1.StreamExecResponse]) error {
	for {
		req, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("receiving: %w", err)
		}
		if string(req.GetStdin()) == "panic" {
			panic("boom " + marker)
		}
		if err := stream.Send(&sandboxv1.StreamExecResponse{Message: &sandboxv1.StreamExecResponse_Stdout{Stdout: req.GetStdin()}}); err != nil {
			return err
		}
	}
}

// edge is a running server and what it wrote.
type edge struct {
	addr     string
	certs    *testcerts.Certs
	logs     *observer.ObservedLogs
	registry *prometheus.Registry
	secrets  *secrets
	stop     context.CancelFunc
	stopped  chan error
}

type edgeOptions struct {
	// recheck is as in grpcserver.Config; caller, when there is one, says who calls, each time.
	recheck time.Duration
	caller  func() (identity.Caller, error)

	plaintext bool
	age       time.Duration
	secrets   *secrets
	grace     time.Duration
	limits    grpcserver.Limits
	admit     grpcserver.AdmitFunc
}

// start serves on loopback until the test ends. A call is authenticated by its API key; the user is always ada.
func start(t *testing.T, o edgeOptions) *edge {
	t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	e := &edge{logs: logs, registry: grpcserver.NewRegistry(), secrets: o.secrets, stopped: make(chan error, 1)}
	if e.secrets == nil {
		e.secrets = &secrets{}
	}
	var serverTLS *tls.Config
	if !o.plaintext {
		e.certs = testcerts.New(t)
		var err error
		if serverTLS, err = mtls.ServerConfig(e.certs.Files("secretsd"), mtls.ServerOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := grpcserver.New(grpcserver.Config{
		Logger: zap.New(core), Registry: e.registry, TLS: serverTLS, MaxMessageBytes: 1 << 20,
		Limits: o.limits, Admit: o.admit, Recheck: o.recheck, ConnectionAge: o.age,
		Authenticate: func(ctx context.Context, fullMethod string) (context.Context, error) {
			if fullMethod == secretsv1.SecretsManager_ListAPIKeys_FullMethodName {
				panic("boom " + marker)
			}
			k, err := apikey.FromMetadata(ctx)
			if err != nil {
				return nil, err
			}
			c := identity.Caller{UserID: "ada", APIKeyID: k.ID()}
			if o.caller != nil {
				if c, err = o.caller(); err != nil {
					return nil, err
				}
			}
			return identity.NewContext(ctx, c), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	secretsv1.RegisterSecretsManagerServer(s.Registrar(), e.secrets)
	sandboxv1.RegisterSandboxServiceServer(s.Registrar(), sandboxes{})
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.addr = lis.Addr().String()
	if o.grace == 0 {
		o.grace = 5 * time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.stop = cancel
	go func() { e.stopped <- s.Serve(ctx, o.grace, lis) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-e.stopped:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the server did not stop")
		}
	})
	return e
}

// wait returns what Serve returned, and leaves it for the cleanup to see too.
func (e *edge) wait(t *testing.T) {
	t.Helper()
	select {
	case err := <-e.stopped:
		e.stopped <- err
	case <-time.After(10 * time.Second):
		t.Fatal("the server did not stop")
	}
}

// dial connects with the TLS that the server needs. A workload's certificate is shown when one is named.
func (e *edge) dial(t *testing.T, workload string) *grpc.ClientConn {
	t.Helper()
	creds := insecure.NewCredentials()
	if e.certs != nil {
		config, err := mtls.PublicClientConfig(e.certs.CA())
		if err != nil {
			t.Fatal(err)
		}
		if workload != "" {
			id, err := identity.WorkloadID(identity.DefaultTrustDomain, "secretsd")
			if err != nil {
				t.Fatal(err)
			}
			if config, err = mtls.ClientConfig(e.certs.Files(workload), id); err != nil {
				t.Fatal(err)
			}
		}
		creds = credentials.NewTLS(config)
	}
	conn, err := grpc.NewClient(e.addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// withKey returns a context that carries a fresh API key, and the key.
func withKey(t *testing.T) (context.Context, apikey.Key) {
	t.Helper()
	k, err := apikey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return appendKey(t.Context(), k), k
}
