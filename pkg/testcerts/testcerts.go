// Package testcerts gives tests a throwaway certificate authority, made the way `casemate certs init` makes one.
package testcerts

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
)

// Certs is a directory of mtls.InitCA that lasts as long as its test.
type Certs struct {
	// Dir holds ca.pem, ca-key.pem, and secretsd's and sandboxd's files.
	Dir string
}

// New makes an authority for identity.DefaultTrustDomain, and certificates for secretsd and sandboxd on localhost.
func New(t testing.TB) *Certs {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "certs")
	if err := mtls.InitCA(dir, mtls.InitOptions{}); err != nil {
		t.Fatalf("making a throwaway CA: %v", err)
	}
	return &Certs{Dir: dir}
}

// CA returns the path of the authority's certificate.
func (c *Certs) CA() string { return mtls.FilesIn(c.Dir, "").CA }

// Files returns the paths of a workload's files, such as identity.WorkloadSecretsd.
func (c *Certs) Files(workload string) mtls.Files { return mtls.FilesIn(c.Dir, workload) }

// Issue makes a certificate for another workload of the trust domain, or a new one for the same, and returns its paths.
func (c *Certs) Issue(t testing.TB, workload string, hosts ...string) mtls.Files {
	t.Helper()
	ca, err := mtls.LoadCA(c.Dir)
	if err != nil {
		t.Fatalf("loading the throwaway CA: %v", err)
	}
	id, err := identity.WorkloadID(identity.DefaultTrustDomain, workload)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM, err := ca.Issue(id, append([]string{"localhost", "127.0.0.1", "::1"}, hosts...), time.Now())
	if err != nil {
		t.Fatalf("issuing a certificate: %v", err)
	}
	f := c.Files(workload)
	for path, content := range map[string][]byte{f.Cert: certPEM, f.Key: keyPEM} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}
