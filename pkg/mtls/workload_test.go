package mtls_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/workloadapitest"
)

const (
	secretsdID = "spiffe://casemate.local/secretsd"
	sandboxdID = "spiffe://casemate.local/sandboxd"
)

func newCA(t *testing.T, domain string) *mtls.CA {
	t.Helper()
	ca, err := mtls.NewCA(domain, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func openWorkload(t *testing.T, s *workloadapitest.Server) *mtls.Workload {
	t.Helper()
	w, err := mtls.OpenWorkload(t.Context(), s.Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// shakes shakes hands until it works, or for five seconds: what the Workload API sends arrives by itself.
func shakes(t *testing.T, server, client *tls.Config, want func(s, c tls.ConnectionState, err error) bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		s, c, err := handshake(t, server, client)
		if want(s, c, err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 5 s the last handshake still ended with: %v", err)
		}
	}
}

// parse is an authority's certificate.
func parse(t *testing.T, ca *mtls.CA) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(ca.CertPEM())
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func works(_, _ tls.ConnectionState, err error) bool { return err == nil }
func fails(_, _ tls.ConnectionState, err error) bool { return err != nil }

func TestWorkloadAPI(t *testing.T) {
	ca := newCA(t, "casemate.local")
	server, client := workloadapitest.New(t, ca, secretsdID), workloadapitest.New(t, ca, sandboxdID)
	sw, cw := openWorkload(t, server), openWorkload(t, client)
	if id, err := sw.ID(); err != nil || id.String() != secretsdID {
		t.Errorf("the server's id is %v, %v", id, err)
	}
	serverTLS, clientTLS := sw.ServerConfig(mtls.ServerOptions{RequireClientCert: true}), cw.ClientConfig(spiffeid.RequireFromString(secretsdID))
	s1, c1, err := handshake(t, serverTLS, clientTLS)
	if err != nil {
		t.Fatal(err)
	}

	// New certificates of the same authority.
	server.Issue(ca, secretsdID)
	client.Issue(ca, sandboxdID)
	shakes(t, serverTLS, clientTLS, func(s, c tls.ConnectionState, err error) bool {
		return err == nil && serial(s) != serial(s1) && serial(c) != serial(c1)
	})

	// A new authority, in good order: everybody trusts it before anybody shows a certificate of it, and the old one goes last.
	next := newCA(t, "casemate.local")
	server.Issue(ca, secretsdID, next)
	client.Issue(next, sandboxdID, ca)
	shakes(t, serverTLS, clientTLS, func(s, _ tls.ConnectionState, err error) bool {
		return err == nil && s.PeerCertificates[0].CheckSignatureFrom(parse(t, next)) == nil
	})
	server.Issue(next, secretsdID)
	shakes(t, serverTLS, clientTLS, works)
	client.Issue(ca, sandboxdID, next) // the old authority's, which the server no longer trusts
	shakes(t, serverTLS, clientTLS, fails)
}

// TestWorkloadAPIAway has what was sent last stay in use.
func TestWorkloadAPIAway(t *testing.T) {
	ca := newCA(t, "casemate.local")
	sw, cw := openWorkload(t, workloadapitest.New(t, ca, secretsdID)), openWorkload(t, workloadapitest.New(t, ca, sandboxdID))
	serverTLS, clientTLS := sw.ServerConfig(mtls.ServerOptions{RequireClientCert: true}), cw.ClientConfig(spiffeid.RequireFromString(secretsdID))
	for _, w := range []*mtls.Workload{sw, cw} {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := handshake(t, serverTLS, clientTLS); err != nil {
		t.Error(err)
	}
	if _, err := mtls.OpenWorkload(t.Context(), "http://localhost", nil); err == nil {
		t.Error("an address that is none is taken")
	}
}

// TestOtherTrustDomains has strangers with good certificates of their own come, and one of the own authority that claims another
// domain.
func TestOtherTrustDomains(t *testing.T) {
	ca, other := newCA(t, "casemate.local"), newCA(t, "other.example")
	server, sandboxd := workloadapitest.New(t, ca, secretsdID), workloadapitest.New(t, ca, sandboxdID)
	stranger := workloadapitest.New(t, other, "spiffe://other.example/sandboxd")
	stranger.Issue(other, "spiffe://other.example/sandboxd", ca) // it trusts ours, as federated
	ours := openWorkload(t, server)
	serverTLS := ours.ServerConfig(mtls.ServerOptions{RequireClientCert: true})
	for name, client := range map[string]*tls.Config{
		"a client of another domain":     openWorkload(t, stranger).ClientConfig(spiffeid.RequireFromString(secretsdID)),
		"a server of another domain":     openWorkload(t, sandboxd).ClientConfig(spiffeid.RequireFromString("spiffe://other.example/secretsd")),
		"a server that is another's":     openWorkload(t, sandboxd).ClientConfig(spiffeid.RequireFromString(sandboxdID)),
		"a client without a certificate": {MinVersion: tls.VersionTLS13, InsecureSkipVerify: true},
	} {
		if _, _, err := handshake(t, serverTLS, client); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	good := openWorkload(t, sandboxd).ClientConfig(spiffeid.RequireFromString(secretsdID))
	if _, _, err := handshake(t, serverTLS, good); err != nil {
		t.Error(err)
	}
	// Even an authority in the own bundle vouches for its own domain only.
	server.Issue(ca, secretsdID, other)
	certPEM, keyPEM, err := other.Issue(spiffeid.RequireFromString("spiffe://other.example/sandboxd"), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	careless := &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}
	shakes(t, serverTLS, careless, func(_, _ tls.ConnectionState, err error) bool {
		// Not "unknown certificate authority", as before.
		return err != nil && strings.Contains(err.Error(), "bad certificate")
	})
}
