// Package mtls makes the TLS configurations of Casemate's daemons, and the small certificate authority of an
// installation that has none. Daemons know each other by the SPIFFE ID in the certificate, never by host name.
// Certificates are read again when their files change, or come from a SPIFFE Workload API, which sends new ones, so that they
// can be renewed without a restart.
package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
)

// Files are the PEM files of one side of a connection.
type Files struct {
	// Cert is the own certificate, followed by intermediates if there are any.
	Cert string
	// Key is the own certificate's private key.
	Key string
	// CA holds the authorities that the other side's certificate must come from. A server without it asks for no client
	// certificate.
	CA string
}

// ServerOptions are a server's choices.
type ServerOptions struct {
	// Public accepts TLS 1.2 too, for clients that are not ours. Zero: TLS 1.3 only.
	Public bool
	// RequireClientCert refuses connections without a valid client certificate. Zero: one is verified when it is shown,
	// and grpcserver.PeerID tells the handler.
	RequireClientCert bool
	// ReloadError is told when changed files can't be used; the certificates read before stay in use. Nil: nobody is.
	ReloadError func(error)
}

// source has the certificate and the authorities to use now.
type source interface{ current() *material }

// ServerConfig returns a server's TLS configuration. It reads f now and again before a handshake when a file has changed.
func ServerConfig(f Files, o ServerOptions) (*tls.Config, error) {
	if f.CA == "" && o.RequireClientCert {
		return nil, errors.New("requiring client certificates needs a CA file to verify them")
	}
	r, err := newReloader(f, o.ReloadError)
	if err != nil {
		return nil, err
	}
	return serverConfig(r, f.CA != "", o), nil
}

// serverConfig makes a server's configuration of a source, with or without authorities for clients' certificates.
func serverConfig(from source, verify bool, o ServerOptions) *tls.Config {
	base := &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}}
	if o.Public {
		base.MinVersion = tls.VersionTLS12
	}
	if verify {
		base.ClientAuth = tls.VerifyClientCertIfGiven
		if o.RequireClientCert {
			base.ClientAuth = tls.RequireAndVerifyClientCert
		}
		// A resumed session would go on trusting what the source no longer says.
		base.SessionTicketsDisabled = true
	}
	config := base.Clone()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		m := from.current()
		c := base.Clone()
		c.Certificates, c.ClientCAs, c.VerifyConnection = []tls.Certificate{m.cert}, m.pool, m.verifyDomain
		return c, nil
	}
	// Never used, since GetConfigForClient answers for every client; libraries look for it to tell that this is a server.
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		m := from.current()
		return &m.cert, nil
	}
	return config
}

// ClientConfig returns the TLS configuration, 1.3 only, of a daemon that calls another: it shows f's certificate and
// accepts no server but the one whose certificate comes from f.CA and carries serverID. Files are read again like a
// server's; changed files that can't be used leave the ones read before in use.
func ClientConfig(f Files, serverID spiffeid.ID) (*tls.Config, error) {
	if f.CA == "" {
		return nil, errors.New("verifying the server needs a CA file")
	}
	r, err := newReloader(f, nil)
	if err != nil {
		return nil, err
	}
	return clientConfig(r, serverID), nil
}

func clientConfig(from source, serverID spiffeid.ID) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}}
	tlsconfig.HookTLSClientConfig(config, bundleSource{from}, tlsconfig.AuthorizeID(serverID))
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		m := from.current()
		return &m.cert, nil
	}
	return config
}

// bundleSource offers the source's authorities for its trust domain; where it has none, for whichever is asked for:
// AuthorizeID compares the domain, as part of the whole ID, afterwards.
type bundleSource struct{ source }

func (s bundleSource) GetX509BundleForTrustDomain(td spiffeid.TrustDomain) (*x509bundle.Bundle, error) {
	m := s.current()
	if !m.domain.IsZero() && m.domain != td {
		return nil, fmt.Errorf("the other side is of the trust domain %s, and this one of %s", td, m.domain)
	}
	return x509bundle.FromX509Authorities(td, m.authorities), nil
}

// PublicClientConfig returns the TLS configuration of a client that has an API key and no certificate. It verifies the
// server by host name, against the authorities in caFile, or the system's when caFile is empty.
func PublicClientConfig(caFile string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}}
	if caFile != "" {
		authorities, err := readAuthorities(caFile)
		if err != nil {
			return nil, fmt.Errorf("reading the CA file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		for _, a := range authorities {
			config.RootCAs.AddCert(a)
		}
	}
	return config, nil
}
