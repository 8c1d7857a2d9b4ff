package grpcserver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
)

func TestGracefulStopLetsCallsFinish(t *testing.T) {
	e := start(t, edgeOptions{secrets: &secrets{entered: make(chan struct{}), release: make(chan struct{})}})
	conn := e.dial(t, "")
	ctx, _ := withKey(t)
	watch, err := grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := watch.Recv(); err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("health before the stop: %v, %v", resp, err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := secretsv1.NewSecretsManagerClient(conn).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		done <- err
	}()
	<-e.secrets.entered
	e.stop()
	if resp, err := watch.Recv(); err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("health during the stop: %v, %v", resp, err)
	}
	close(e.secrets.release)
	if err := <-done; err != nil {
		t.Errorf("the call that ran at the stop: %v", err)
	}
}

func TestGraceBoundsTheStop(t *testing.T) {
	e := start(t, edgeOptions{secrets: &secrets{entered: make(chan struct{}), release: make(chan struct{})}, grace: 50 * time.Millisecond})
	ctx, _ := withKey(t)
	done := make(chan error, 1)
	go func() {
		_, err := secretsv1.NewSecretsManagerClient(e.dial(t, "")).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		done <- err
	}()
	<-e.secrets.entered
	e.stop()
	e.wait(t)
	if err := <-done; status.Code(err) != codes.Unavailable && status.Code(err) != codes.Canceled {
		t.Errorf("the call that was cut off: %v", err)
	}
	if n := e.logs.FilterMessageSnippet("cut off").Len(); n != 1 {
		t.Errorf("%d lines about cut off calls, want 1", n)
	}
}

func newServer(t *testing.T) *grpcserver.Server {
	t.Helper()
	s, err := grpcserver.New(grpcserver.Config{
		Logger: zap.NewNop(), Authenticate: func(ctx context.Context, _ string) (context.Context, error) { return ctx, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestServeRefusesPlaintextForOthers(t *testing.T) {
	lis, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	err = newServer(t).Serve(t.Context(), time.Second, lis)
	if errdefs.ReasonOf(err) != "PLAINTEXT_REFUSED" {
		t.Fatalf("err = %v", err)
	}
	if _, err := lis.Accept(); err == nil {
		t.Error("the listener is still open")
	}
}

func TestServePlaintextOnLoopbackAndUnix(t *testing.T) {
	e := start(t, edgeOptions{plaintext: true})
	ctx, _ := withKey(t)
	if _, err := secretsv1.NewSecretsManagerClient(e.dial(t, "")).WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); err != nil {
		t.Errorf("loopback: %v", err)
	}
	lis, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newServer(t).Serve(ended, time.Second, lis); err != nil {
		t.Errorf("unix socket: %v", err)
	}
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	good, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	err = newServer(t).Serve(t.Context(), time.Second, good, closed)
	if err == nil || !strings.Contains(err.Error(), closed.Addr().String()) {
		t.Errorf("err = %v, want one that names %s", err, closed.Addr())
	}
}

func TestCheckPlaintext(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:7470": true, "127.8.9.1:1": true, "[::1]:7470": true, "localhost:7470": true, "unix:///run/s": true,
		"[::ffff:127.0.0.1]:1": true,
		":7470":                false, "0.0.0.0:7470": false, "[::]:7470": false, "10.0.0.1:7470": false, "casemate.example:7470": false,
		"localhost.example:1": false, "127.0.0.1.example:1": false, "[fe80::1]:1": false, "localhost": false, "": false,
	} {
		if err := grpcserver.CheckPlaintext(addr); (err == nil) != ok {
			t.Errorf("CheckPlaintext(%q) = %v", addr, err)
		}
	}
}

func TestNewNeedsLoggerAndAuthenticate(t *testing.T) {
	if _, err := grpcserver.New(grpcserver.Config{Logger: zap.NewNop()}); err == nil {
		t.Error("a server that lets anybody in")
	}
}

func TestServeAdmin(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- grpcserver.ServeAdmin(ctx, lis, grpcserver.NewRegistry(), nil) }()
	for path, want := range map[string]string{"/metrics": "go_goroutines", "/healthz": "ok", "/readyz": "ok", "/debug/pprof/": "heap", "/debug/pprof/goroutine?debug=1": "ServeAdmin"} {
		resp, err := http.Get(fmt.Sprintf("http://%s%s", lis.Addr(), path))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s, %v", path, resp.Status, err)
		}
	}
	cancel()
	if err := <-stopped; err != nil {
		t.Errorf("ServeAdmin: %v", err)
	}
}
