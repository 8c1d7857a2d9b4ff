package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// material is what a source holds.
type material struct {
	cert        tls.Certificate
	authorities []*x509.Certificate
	pool        *x509.CertPool
	// domain is the trust domain that the authorities are of; zero where that is not known, as of files.
	domain spiffeid.TrustDomain
}

// verifyDomain refuses a client whose certificate comes from the right authorities and is of another trust domain than theirs.
func (m *material) verifyDomain(state tls.ConnectionState) error {
	if m.domain.IsZero() || len(state.PeerCertificates) == 0 {
		return nil
	}
	id, err := x509svid.IDFromCert(state.PeerCertificates[0])
	if err == nil && !id.MemberOf(m.domain) {
		err = fmt.Errorf("the client is of another trust domain than %s", m.domain)
	}
	return err
}

// stamp tells whether a file was replaced or rewritten since.
type stamp struct {
	info    os.FileInfo
	size    int64
	modTime time.Time
}

func (s stamp) same(t stamp) bool {
	return s.size == t.size && s.modTime.Equal(t.modTime) && os.SameFile(s.info, t.info)
}

// reloader keeps the newest usable material. It looks at the files when asked, which is once a handshake and costs a
// few microseconds, so that there is nothing to start or stop.
type reloader struct {
	files   Files
	onError func(error)

	mu     sync.Mutex
	stamps []stamp // of the newest attempt, good or bad: a bad one is not read, nor reported, twice
	now    *material
}

func newReloader(f Files, onError func(error)) (*reloader, error) {
	r := &reloader{files: f, onError: onError}
	var err error
	if r.stamps, err = r.look(); err != nil {
		return nil, err
	}
	if r.now, err = r.read(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *reloader) current() *material {
	r.mu.Lock()
	defer r.mu.Unlock()
	stamps, err := r.look()
	if err != nil {
		// A file is being replaced, or gone. Look again at the next handshake.
		return r.now
	}
	changed := false
	for i := range stamps {
		changed = changed || !stamps[i].same(r.stamps[i])
	}
	if !changed {
		return r.now
	}
	r.stamps = stamps
	m, err := r.read()
	if err != nil {
		if r.onError != nil {
			r.onError(fmt.Errorf("certificate files changed but can't be used: %w", err))
		}
		return r.now
	}
	r.now = m
	return m
}

func (r *reloader) look() ([]stamp, error) {
	var stamps []stamp
	for _, path := range []string{r.files.Cert, r.files.Key, r.files.CA} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, stamp{info, info.Size(), info.ModTime()})
	}
	return stamps, nil
}

func (r *reloader) read() (*material, error) {
	cert, err := tls.LoadX509KeyPair(r.files.Cert, r.files.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", r.files.Cert, r.files.Key, err)
	}
	m := &material{cert: cert}
	if r.files.CA == "" {
		return m, nil
	}
	if m.authorities, err = readAuthorities(r.files.CA); err != nil {
		return nil, err
	}
	m.pool = x509.NewCertPool()
	for _, a := range m.authorities {
		m.pool.AddCert(a)
	}
	return m, nil
}

// readAuthorities reads the certificates of a PEM file; one without any is an error.
func readAuthorities(path string) ([]*x509.Certificate, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*x509.Certificate
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return out, nil
}
