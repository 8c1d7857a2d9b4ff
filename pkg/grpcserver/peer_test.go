package grpcserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/testcerts"
)

// TestCertificateThatHasEnded is about a connection that outlives the certificate that it was made with.
func TestCertificateThatHasEnded(t *testing.T) {
	files := testcerts.New(t).Files("sandboxd")
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	const id = "spiffe://casemate.local/sandboxd"
	for want, end := range map[string]time.Time{id: time.Now().Add(time.Minute), "": time.Now().Add(-time.Second)} {
		cert := *pair.Leaf
		cert.NotAfter = end
		state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{&cert}, VerifiedChains: [][]*x509.Certificate{{&cert}}}
		ctx := peer.NewContext(context.Background(), &peer.Peer{AuthInfo: credentials.TLSInfo{State: state}})
		if got := grpcserver.PeerID(ctx); got != want {
			t.Errorf("with a certificate until %v: %q, want %q", end, got, want)
		}
	}
}

// TestConnectionsAreMadeAnew: clients connect again in time to show what replaced their certificate, and lose no call.
func TestConnectionsAreMadeAnew(t *testing.T) {
	e := start(t, edgeOptions{age: 20 * time.Millisecond})
	conn := e.dial(t, "sandboxd")
	client := secretsv1.NewSecretsManagerClient(conn)
	for range 3 {
		ctx, _ := withKey(t)
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if _, err := client.WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); err != nil {
			t.Fatal(err)
		}
		if !conn.WaitForStateChange(ctx, connectivity.Ready) {
			t.Fatal("the connection stays")
		}
	}
}
