package mtls_test

import (
	"crypto/ecdsa"
	"crypto/tls"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/mtls"
)

func TestInitCA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "certs")
	if err := mtls.InitCA(dir, mtls.InitOptions{TrustDomain: "corp.example", Hosts: []string{"secrets.corp.example", "10.0.0.7"}}); err != nil {
		t.Fatal(err)
	}
	modes := map[string]os.FileMode{
		"ca.pem": 0o644, "ca-key.pem": 0o600,
		"secretsd.pem": 0o644, "secretsd-key.pem": 0o600,
		"sandboxd.pem": 0o644, "sandboxd-key.pem": 0o600,
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := modes[e.Name()]; !ok || info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", e.Name(), info.Mode(), want)
		}
	}
	if len(entries) != len(modes) {
		t.Errorf("%d files, want %d", len(entries), len(modes))
	}
	for _, w := range mtls.Workloads {
		f := mtls.FilesIn(dir, w)
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			t.Fatal(err)
		}
		leaf := pair.Leaf
		if len(leaf.URIs) != 1 || leaf.URIs[0].String() != "spiffe://corp.example/"+w {
			t.Errorf("%s: URIs %v", w, leaf.URIs)
		}
		if _, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok {
			t.Errorf("%s: key %T", w, leaf.PublicKey)
		}
		for _, host := range []string{"localhost", "127.0.0.1", "::1", "secrets.corp.example", "10.0.0.7"} {
			if err := leaf.VerifyHostname(host); err != nil {
				t.Errorf("%s: %v", w, err)
			}
		}
	}
}

func TestInitCANeverOverwrites(t *testing.T) {
	for _, name := range []string{"ca.pem", "ca-key.pem", "sandboxd-key.pem"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := mtls.InitCA(dir, mtls.InitOptions{})
		if errdefs.KindOf(err) != errdefs.AlreadyExists || errdefs.ReasonOf(err) != "CERTS_EXIST" {
			t.Errorf("%s exists: err = %v", name, err)
		}
		entries, _ := os.ReadDir(dir)
		content, _ := os.ReadFile(path)
		if len(entries) != 1 || !slices.Equal(content, []byte("precious")) {
			t.Errorf("%s: files were written", name)
		}
	}
}
