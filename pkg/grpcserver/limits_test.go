package grpcserver_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/grpcserver"
)

func wantReason(t *testing.T, err error, kind errdefs.Kind, reason string) *errdefs.Error {
	t.Helper()
	e, ok := errdefs.As(errgrpc.FromError(err))
	if !ok || e.Kind != kind || e.Reason != reason {
		t.Fatalf("%v, want %s", err, reason)
	}
	return e
}

// TestCallsOfOneUser has as many calls under way as a user may: one more is refused, and when one has ended there is room.
func TestCallsOfOneUser(t *testing.T) {
	svc := &secrets{entered: make(chan struct{}), release: make(chan struct{})}
	e := start(t, edgeOptions{plaintext: true, secrets: svc, limits: grpcserver.Limits{MaxCallsPerUser: 2}})
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	ctx, _ := withKey(t)
	done := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := client.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
			done <- err
		}()
		<-svc.entered
	}
	_, err := client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte("v")})
	if refused := wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_CALLS"); refused.RetryAfter <= 0 {
		t.Error("the refusal does not say when to try again")
	}
	if counts := refusals(t, e); counts["TOO_MANY_CALLS"] != 1 {
		t.Errorf("the metrics count %v, want one refusal", counts)
	}
	close(svc.release)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err = client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte("v")}); err != nil {
		t.Errorf("after they have ended: %v", err)
	}
}

// refusals returns how many calls were refused by reason, as the metrics have it.
func refusals(t *testing.T, e *edge) map[string]float64 {
	t.Helper()
	families, err := e.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "casemate_refused_calls_total" {
			for _, m := range f.GetMetric() {
				counts[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	return counts
}

// TestStreamsOfOneUser does the same with streams.
func TestStreamsOfOneUser(t *testing.T) {
	e := start(t, edgeOptions{plaintext: true, limits: grpcserver.Limits{MaxStreamsPerUser: 2}})
	client := sandboxv1.NewSandboxServiceClient(e.dial(t, ""))
	ctx, _ := withKey(t)
	echo := func() (end func() error, err error) {
		stream, err := client.StreamExec(ctx)
		if err != nil {
			return nil, err
		}
		// The server may have refused and ended the stream by now: Recv says why.
		if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte("x")}}); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if _, err := stream.Recv(); err != nil {
			return nil, err
		}
		return func() error {
			_ = stream.CloseSend()
			_, err := stream.Recv()
			return err
		}, nil
	}
	first, err := echo()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := echo(); err != nil {
		t.Fatal(err)
	}
	_, err = echo()
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_CALLS")
	_ = first()
	if _, err := echo(); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
}

// TestAdmit refuses a unary call and a stream by what their requests say.
func TestAdmit(t *testing.T) {
	e := start(t, edgeOptions{plaintext: true, admit: func(_ context.Context, method string, req any) error {
		refuse := false
		switch r := req.(type) {
		case *secretsv1.AddSecretVersionRequest:
			refuse = r.GetParent() == "teams/full/secrets/A"
		case *sandboxv1.StreamExecRequest:
			refuse = string(r.GetStdin()) == "full"
		}
		if refuse {
			return errdefs.New(errdefs.ResourceExhausted, "RATE_LIMITED", "not %s, not now", method)
		}
		return nil
	}})
	conn := e.dial(t, "")
	ctx, _ := withKey(t)
	client := secretsv1.NewSecretsManagerClient(conn)
	_, err := client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/full/secrets/A", Data: []byte("v")})
	wantReason(t, err, errdefs.ResourceExhausted, "RATE_LIMITED")
	if _, err := client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte("v")}); err != nil {
		t.Error(err)
	}
	for _, first := range []string{"full", "empty"} {
		stream, err := sandboxv1.NewSandboxServiceClient(conn).StreamExec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{first, "full"} { // only the first message is asked about
			err = stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte(word)}})
			if err == nil {
				_, err = stream.Recv()
			}
			if err != nil {
				break
			}
		}
		if first == "full" {
			wantReason(t, err, errdefs.ResourceExhausted, "RATE_LIMITED")
		} else if err != nil {
			t.Error(err)
		}
	}
}

// TestTooManyConnections opens more than a server takes: the rest is closed at once, and place is made by those that end.
func TestTooManyConnections(t *testing.T) {
	for name, limits := range map[string]grpcserver.Limits{
		"in all": {MaxConnections: 3}, "from one address": {MaxConnections: 100, MaxConnectionsPerAddress: 3},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, edgeOptions{plaintext: true, limits: limits})
			var open []net.Conn
			for range 3 {
				c, _ := dialRaw(t, e.addr)
				open = append(open, c)
			}
			for range 5 {
				if _, greeted := dialRaw(t, e.addr); greeted {
					t.Fatal("one more than the most was served")
				}
			}
			if err := open[0].Close(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(10 * time.Second); ; {
				if _, greeted := dialRaw(t, e.addr); greeted {
					return
				}
				if time.Now().After(deadline) {
					t.Fatal("the place of a connection that has ended stays taken")
				}
			}
		})
	}
}

// dialRaw connects and says whether the server greets with HTTP/2 settings, or closes.
func dialRaw(t *testing.T, addr string) (c net.Conn, greeted bool) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"); err != nil {
		return c, false
	}
	_, err = c.Read(make([]byte, 9))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a connection hangs")
	}
	return c, err == nil
}

// TestTooManyHandshakes leaves handshakes hanging, as a hostile stranger does: the next is closed at once, and all is well
// when they have gone.
func TestTooManyHandshakes(t *testing.T) {
	e := start(t, edgeOptions{limits: grpcserver.Limits{MaxHandshakes: 2}})
	var hanging []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", e.addr)
		if err != nil {
			t.Fatal(err)
		}
		hanging = append(hanging, c)
	}
	refused := func() bool {
		raw, err := net.Dial("tcp", e.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) // whether it answers at all
		return c.HandshakeContext(t.Context()) != nil
	}
	for deadline := time.Now().Add(10 * time.Second); !refused(); { // the hanging ones may not be accepted yet
		if time.Now().After(deadline) {
			t.Fatal("a third handshake is made beside two that hang")
		}
	}
	for _, c := range hanging {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	ctx, _ := withKey(t)
	for deadline := time.Now().Add(10 * time.Second); ; {
		_, err := client.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		if err == nil {
			return
		}
		if status.Code(err) != codes.Unavailable || time.Now().After(deadline) {
			t.Fatalf("after the hanging ones have gone: %v", err)
		}
	}
}

// TestIdleConnectionsEnd leaves a connection without a call, and makes one again.
func TestIdleConnectionsEnd(t *testing.T) {
	e := start(t, edgeOptions{plaintext: true, limits: grpcserver.Limits{IdleTimeout: 50 * time.Millisecond}})
	conn := e.dial(t, "")
	ctx, _ := withKey(t)
	for range 2 {
		if _, err := secretsv1.NewSecretsManagerClient(conn).WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); err != nil {
			t.Fatal(err)
		}
		if !conn.WaitForStateChange(ctx, connectivity.Ready) {
			t.Fatal("an idle connection stays")
		}
	}
}
