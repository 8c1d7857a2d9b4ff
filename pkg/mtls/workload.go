package mtls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
)

// workloadTimeout bounds the wait for the first certificate.
const workloadTimeout = 30 * time.Second

// Workload has the certificate (X.509 SVID) and the authorities (bundle) that a SPIFFE Workload API sends, always the newest.
// Only the own trust domain counts: authorities of others that it sends, for federation, are not used.
type Workload struct {
	source *workloadapi.X509Source

	mu  sync.Mutex
	now *material
	of  parts
}

// parts are what a material was made of.
type parts struct {
	svid   *x509svid.SVID
	bundle *x509bundle.Bundle
}

// CheckWorkloadAPI returns an error unless address has the form of a Workload API's: unix:///path or tcp://ip:port.
func CheckWorkloadAPI(address string) error { return workloadapi.ValidateAddress(address) }

// OpenWorkload connects to the Workload API at an address, such as unix:///run/spire/agent.sock, and waits at most 30 seconds
// for the first certificate. While the API is away later, what it sent last stays in use; onError, unless nil, is told.
func OpenWorkload(ctx context.Context, address string, onError func(error)) (*Workload, error) {
	ctx, cancel := context.WithTimeout(ctx, workloadTimeout)
	defer cancel()
	source, err := workloadapi.NewX509Source(ctx, workloadapi.WithClientOptions(
		workloadapi.WithAddr(address), workloadapi.WithLogger(workloadLogger{onError}),
	))
	if err != nil {
		return nil, fmt.Errorf("SPIFFE Workload API at %s: %w", address, err)
	}
	w := &Workload{source: source}
	if w.now, err = w.read(); err != nil {
		_ = source.Close() // the first error says why
		return nil, fmt.Errorf("SPIFFE Workload API at %s: %w", address, err)
	}
	return w, nil
}

// Close ends the connection. Configurations that were made of w go on with the newest certificate.
func (w *Workload) Close() error { return w.source.Close() }

// ID is the SPIFFE ID in the certificate.
func (w *Workload) ID() (spiffeid.ID, error) {
	return x509svid.IDFromCert(w.current().cert.Leaf)
}

// ServerConfig is as the function of that name.
func (w *Workload) ServerConfig(o ServerOptions) *tls.Config { return serverConfig(w, true, o) }

// ClientConfig is as the function of that name.
func (w *Workload) ClientConfig(serverID spiffeid.ID) *tls.Config { return clientConfig(w, serverID) }

func (w *Workload) current() *material {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m, err := w.read(); err == nil {
		w.now = m
	}
	return w.now
}

// read returns what the API sent last.
func (w *Workload) read() (*material, error) {
	svid, err := w.source.GetX509SVID()
	if err != nil {
		return nil, err
	}
	domain := svid.ID.TrustDomain()
	bundle, err := w.source.GetX509BundleForTrustDomain(domain)
	if err != nil {
		return nil, err
	}
	of := parts{svid, bundle}
	if of == w.of {
		return w.now, nil
	}
	w.of = of
	m := &material{
		cert:        tls.Certificate{PrivateKey: svid.PrivateKey, Leaf: svid.Certificates[0]},
		authorities: bundle.X509Authorities(), pool: x509.NewCertPool(), domain: domain,
	}
	for _, c := range svid.Certificates {
		m.cert.Certificate = append(m.cert.Certificate, c.Raw)
	}
	for _, a := range m.authorities {
		m.pool.AddCert(a)
	}
	return m, nil
}

// workloadLogger passes on what the client of the Workload API calls an error.
type workloadLogger struct{ onError func(error) }

// Debugf implements logger.Logger.
func (workloadLogger) Debugf(string, ...any) {}

// Infof implements logger.Logger.
func (workloadLogger) Infof(string, ...any) {}

// Warnf implements logger.Logger.
func (l workloadLogger) Warnf(format string, args ...any) { l.Errorf(format, args...) }

// Errorf implements logger.Logger.
func (l workloadLogger) Errorf(format string, args ...any) {
	if l.onError != nil {
		l.onError(fmt.Errorf("SPIFFE Workload API: "+format, args...))
	}
}
