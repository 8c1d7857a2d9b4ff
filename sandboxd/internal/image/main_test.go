package image_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// hostTrusts is the files of a certificate for localhost, signed by the only authority that this process trusts.
var hostTrusts mtls.Files

// childVar makes this test binary a process that works on a store until it is killed: see killed_test.go.
const childVar = "CASEMATE_TEST_IMAGE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		err := child(dir, os.Args[1:])
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "image-certs-")
	if err == nil {
		err = mtls.InitCA(filepath.Join(dir, "certs"), mtls.InitOptions{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	hostTrusts = mtls.FilesIn(filepath.Join(dir, "certs"), identity.WorkloadSandboxd)
	// The registry client trusts what the host trusts, and the host's list is read once.
	os.Setenv("SSL_CERT_FILE", hostTrusts.CA)
	os.Setenv("SSL_CERT_DIR", filepath.Join(dir, "none"))
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// child is `pull NAME REGISTRY`, or `import NAME` of what comes on standard input.
func child(dir string, args []string) error {
	cfg := image.Config{Dir: dir}
	if args[0] == "pull" {
		cfg.InsecureRegistries = args[2:]
	}
	s, err := image.Open(cfg)
	if err != nil {
		return err
	}
	if args[0] == "pull" {
		_, _, err = s.Ensure(context.Background(), args[1])
	} else {
		_, err = s.Import(context.Background(), args[1], os.Stdin)
	}
	return err
}
