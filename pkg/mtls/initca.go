package mtls

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// The authority's files in a directory of InitCA.
const (
	caCertFile = "ca.pem"
	caKeyFile  = "ca-key.pem"
)

// Workloads are those that InitCA makes certificates for.
var Workloads = []string{identity.WorkloadSecretsd, identity.WorkloadSandboxd}

// InitOptions say what InitCA writes.
type InitOptions struct {
	// TrustDomain of the SPIFFE IDs. Empty: identity.DefaultTrustDomain.
	TrustDomain string
	// Hosts are DNS names and IP addresses, besides localhost, 127.0.0.1 and ::1, that clients reach the daemons under.
	Hosts []string
	// Now is the time that validity starts at. Zero: the present.
	Now time.Time
}

// FilesIn returns the paths of a workload's files in a directory of InitCA.
func FilesIn(dir, workload string) Files {
	return Files{
		Cert: filepath.Join(dir, workload+".pem"),
		Key:  filepath.Join(dir, workload+"-key.pem"),
		CA:   filepath.Join(dir, caCertFile),
	}
}

// InitCA makes a new authority and a certificate for each of Workloads, and writes ca.pem, ca-key.pem, secretsd.pem,
// secretsd-key.pem, sandboxd.pem and sandboxd-key.pem into dir, which it makes. Keys have mode 0600. When any of the
// files exists it writes nothing and fails with AlreadyExists (CERTS_EXIST). ca-key.pem is needed for more certificates
// only: it belongs off the machine.
func InitCA(dir string, o InitOptions) error {
	if o.TrustDomain == "" {
		o.TrustDomain = identity.DefaultTrustDomain
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	ca, err := NewCA(o.TrustDomain, o.Now)
	if err != nil {
		return err
	}
	files := map[string][]byte{caCertFile: ca.certPEM, caKeyFile: ca.keyPEM}
	for _, w := range Workloads {
		id, err := identity.WorkloadID(o.TrustDomain, w)
		if err != nil {
			return err
		}
		certPEM, keyPEM, err := ca.Issue(id, append([]string{"localhost", "127.0.0.1", "::1"}, o.Hosts...), o.Now)
		if err != nil {
			return fmt.Errorf("issuing the certificate of %s: %w", w, err)
		}
		files[w+".pem"], files[w+"-key.pem"] = certPEM, keyPEM
	}
	return writeNew(dir, files)
}

// writeNew writes all files or, when one exists, none.
func writeNew(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name := range files {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			return exists(path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for name, content := range files {
		if err := writeFile(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	return nil
}

// writeFile makes path; O_EXCL, so that even a file that appeared since is not overwritten.
func writeFile(path string, content []byte) error {
	mode := os.FileMode(0o644)
	if strings.HasSuffix(path, "-key.pem") {
		mode = 0o600
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return exists(path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func exists(path string) error {
	return errdefs.New(errdefs.AlreadyExists, "CERTS_EXIST", "%s exists, and certificates are never overwritten", path)
}
