package mtls_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/testcerts"
)

func workload(t *testing.T, name string) spiffeid.ID {
	t.Helper()
	id, err := identity.WorkloadID(identity.DefaultTrustDomain, name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// handshake connects a client with a server over loopback and returns both sides' view; the error is the first of both.
func handshake(t *testing.T, server, client *tls.Config) (serverSide, clientSide tls.ConnectionState, err error) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	type result struct {
		state tls.ConnectionState
		err   error
	}
	done := make(chan result, 1)
	go func() {
		raw, err := lis.Accept()
		if err != nil {
			done <- result{err: err}
			return
		}
		conn := tls.Server(raw, server)
		defer conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = conn.HandshakeContext(ctx)
		if err == nil {
			// In TLS 1.3 a client learns that its certificate was refused when it reads.
			_, err = conn.Write([]byte("x"))
		}
		done <- result{conn.ConnectionState(), err}
	}()
	raw, err := net.Dial("tcp", lis.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if client.ServerName == "" {
		client = client.Clone()
		client.ServerName = "localhost"
	}
	conn := tls.Client(raw, client)
	err = conn.HandshakeContext(t.Context())
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, 1))
	}
	_ = conn.Close()
	s := <-done
	if err == nil {
		err = s.err
	}
	return s.state, conn.ConnectionState(), err
}

func serverConfig(t *testing.T, f mtls.Files, o mtls.ServerOptions) *tls.Config {
	t.Helper()
	c, err := mtls.ServerConfig(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clientConfig(t *testing.T, f mtls.Files, id spiffeid.ID) *tls.Config {
	t.Helper()
	c, err := mtls.ClientConfig(f, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDaemonsKnowEachOther(t *testing.T) {
	certs := testcerts.New(t)
	server := serverConfig(t, certs.Files("secretsd"), mtls.ServerOptions{})
	client := clientConfig(t, certs.Files("sandboxd"), workload(t, "secretsd"))
	// The daemons' connection is about SPIFFE IDs; under which name the server was dialled does not matter.
	client.ServerName = "some.other.name"
	serverSide, clientSide, err := handshake(t, server, client)
	if err != nil {
		t.Fatal(err)
	}
	if clientSide.Version != tls.VersionTLS13 {
		t.Errorf("version %x, want TLS 1.3", clientSide.Version)
	}
	if len(serverSide.VerifiedChains) == 0 {
		t.Fatal("the server did not verify the client")
	}
	id, err := x509svid.IDFromCert(serverSide.PeerCertificates[0])
	if err != nil || id != workload(t, "sandboxd") {
		t.Errorf("the server sees %v, %v", id, err)
	}
}

func TestRefusals(t *testing.T) {
	ours, theirs := testcerts.New(t), testcerts.New(t)
	secretsd, sandboxd := workload(t, "secretsd"), workload(t, "sandboxd")
	mixed := mtls.Files{Cert: theirs.Files("sandboxd").Cert, Key: theirs.Files("sandboxd").Key, CA: ours.CA()}
	public := func(caFile string) *tls.Config {
		c, err := mtls.PublicClientConfig(caFile)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	wrongName := public(ours.CA())
	wrongName.ServerName = "example.com"
	old := public(ours.CA())
	old.MaxVersion = tls.VersionTLS12

	tests := []struct {
		name    string
		options mtls.ServerOptions
		client  *tls.Config
		ok      bool
	}{
		{"server with another SPIFFE ID", mtls.ServerOptions{}, clientConfig(t, ours.Files("sandboxd"), sandboxd), false},
		{"server of another CA", mtls.ServerOptions{}, clientConfig(t, theirs.Files("sandboxd"), secretsd), false},
		{"client of another CA", mtls.ServerOptions{}, clientConfig(t, mixed, secretsd), false},
		{"no client certificate", mtls.ServerOptions{}, public(ours.CA()), true},
		{"no client certificate where one is required", mtls.ServerOptions{RequireClientCert: true}, public(ours.CA()), false},
		{"server under a name it has no certificate for", mtls.ServerOptions{}, wrongName, false},
		{"server of an authority the system does not know", mtls.ServerOptions{}, public(""), false},
		{"TLS 1.2 between daemons", mtls.ServerOptions{}, old, false},
		{"TLS 1.2 in public", mtls.ServerOptions{Public: true}, old, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := handshake(t, serverConfig(t, ours.Files("secretsd"), tt.options), tt.client)
			if (err == nil) != tt.ok {
				t.Errorf("handshake: %v; want success %v", err, tt.ok)
			}
		})
	}
}

func serial(s tls.ConnectionState) string { return s.PeerCertificates[0].SerialNumber.String() }

func TestNewCertificatesCountWithoutRestart(t *testing.T) {
	certs := testcerts.New(t)
	server := serverConfig(t, certs.Files("secretsd"), mtls.ServerOptions{})
	client := clientConfig(t, certs.Files("sandboxd"), workload(t, "secretsd"))
	s1, c1, err := handshake(t, server, client)
	if err != nil {
		t.Fatal(err)
	}
	certs.Issue(t, "secretsd")
	certs.Issue(t, "sandboxd")
	s2, c2, err := handshake(t, server, client)
	if err != nil {
		t.Fatal(err)
	}
	if serial(c1) == serial(c2) {
		t.Error("the server still shows its old certificate")
	}
	if serial(s1) == serial(s2) {
		t.Error("the client still shows its old certificate")
	}
}

func TestNewAuthorityCountsWithoutRestart(t *testing.T) {
	certs, next := testcerts.New(t), testcerts.New(t)
	server := serverConfig(t, certs.Files("secretsd"), mtls.ServerOptions{})
	client := clientConfig(t, certs.Files("sandboxd"), workload(t, "secretsd"))
	if _, _, err := handshake(t, server, client); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"ca.pem", "secretsd.pem", "secretsd-key.pem"} {
		content, err := os.ReadFile(next.Dir + "/" + f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(certs.Dir+"/"+f, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := handshake(t, server, client); err == nil {
		t.Error("a client certificate of the old authority is still taken")
	}
	if _, _, err := handshake(t, server, clientConfig(t, next.Files("sandboxd"), workload(t, "secretsd"))); err != nil {
		t.Errorf("a client certificate of the new authority: %v", err)
	}
}

func TestUnusableFilesLeaveTheOldOnesInUse(t *testing.T) {
	certs := testcerts.New(t)
	f := certs.Files("secretsd")
	var reported []error
	server := serverConfig(t, f, mtls.ServerOptions{ReloadError: func(err error) { reported = append(reported, err) }})
	client := clientConfig(t, certs.Files("sandboxd"), workload(t, "secretsd"))

	if err := os.WriteFile(f.Cert, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, _, err := handshake(t, server, client); err != nil {
			t.Fatalf("with a broken file: %v", err)
		}
	}
	if len(reported) != 1 || !strings.Contains(reported[0].Error(), f.Cert) {
		t.Errorf("reported %v, want one error that names the file", reported)
	}
	if err := os.Remove(f.Cert); err != nil {
		t.Fatal(err)
	}
	if _, _, err := handshake(t, server, client); err != nil {
		t.Fatalf("with a file missing: %v", err)
	}
	certs.Issue(t, "secretsd")
	if _, _, err := handshake(t, server, client); err != nil {
		t.Fatalf("with good files again: %v", err)
	}
	if len(reported) != 1 {
		t.Errorf("reported %v after good files came", reported)
	}
}

func TestBadFilesAtTheStart(t *testing.T) {
	certs := testcerts.New(t)
	good, other := certs.Files("secretsd"), certs.Files("sandboxd")
	for name, f := range map[string]mtls.Files{
		"missing certificate": {Cert: "/nowhere.pem", Key: good.Key, CA: good.CA},
		"another's key":       {Cert: good.Cert, Key: other.Key, CA: good.CA},
		"missing authority":   {Cert: good.Cert, Key: good.Key, CA: "/nowhere.pem"},
		"no authority in it":  {Cert: good.Cert, Key: good.Key, CA: good.Key},
	} {
		if _, err := mtls.ServerConfig(f, mtls.ServerOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := mtls.ServerConfig(mtls.Files{Cert: good.Cert, Key: good.Key}, mtls.ServerOptions{RequireClientCert: true}); err == nil {
		t.Error("client certificates are required without an authority")
	}
	if _, err := mtls.ClientConfig(mtls.Files{Cert: good.Cert, Key: good.Key}, workload(t, "secretsd")); err == nil {
		t.Error("a client trusts without an authority")
	}
}

func TestExpiredCertificateIsRefused(t *testing.T) {
	dir := t.TempDir() + "/certs"
	if err := mtls.InitCA(dir, mtls.InitOptions{Now: time.Now().AddDate(-2, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	server := serverConfig(t, mtls.FilesIn(dir, "secretsd"), mtls.ServerOptions{})
	_, _, err := handshake(t, server, clientConfig(t, mtls.FilesIn(dir, "sandboxd"), workload(t, "secretsd")))
	if err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("err = %v, want expired", err)
	}
}

func TestCAIsForItsTrustDomainOnly(t *testing.T) {
	ca, err := mtls.NewCA("casemate.local", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ca.Issue(spiffeid.RequireFromString("spiffe://other.example/secretsd"), nil, time.Now()); err == nil {
		t.Error("issued for another trust domain")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca.CertPEM()) {
		t.Error("CertPEM is no certificate")
	}
	if _, err := mtls.NewCA("Not A Domain", time.Now()); err == nil {
		t.Error("a bad trust domain was taken")
	}
}
