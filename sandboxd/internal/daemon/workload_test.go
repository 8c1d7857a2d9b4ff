package daemon_test

import (
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/testcerts"
	"github.com/casemate/casemate/pkg/workloadapitest"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// TestWorkloadAPI has both daemons take their certificates from a SPIFFE Workload API, which replaces them while they run.
func TestWorkloadAPI(t *testing.T) {
	certs := testcerts.New(t)
	ca, err := mtls.LoadCA(certs.Dir)
	if err != nil {
		t.Fatal(err)
	}
	const secretsdID, sandboxdID = "spiffe://casemate.local/secretsd", "spiffe://casemate.local/sandboxd"
	forSecretsd, forSandboxd := workloadapitest.New(t, ca, secretsdID), workloadapitest.New(t, ca, sandboxdID)
	e := start(t,
		sandboxdtest.WithSecretsd(secretsdtest.Start(t, secretsdtest.WithCerts(certs), secretsdtest.WithWorkloadAPI(forSecretsd.Address))),
		sandboxdtest.WithConfig(func(c *config.Config) { c.Secretsd.WorkloadAPI = forSandboxd.Address }),
	)
	e.Secretsd.CreateSecret("red", "TOKEN", "v")
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	e.run(s)

	forSecretsd.Issue(ca, secretsdID)
	forSandboxd.Issue(ca, sandboxdID)
	e.Secretsd.Restart() // so that they shake hands again
	if err := e.tryOnceBack(s); err != nil {
		t.Fatal(err)
	}

	// As another workload sandboxd may not resolve, without a restart of its own.
	forSandboxd.Issue(ca, "spiffe://casemate.local/other")
	var last error
	for last == nil {
		e.Secretsd.Restart()
		last = e.tryOnceBack(s)
	}
	wantError(t, last, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
}

// tryOnceBack tries to run a sandbox when secretsd was away: until sandboxd has found it again, it says that it can't.
func (e *env) tryOnceBack(s *sandboxv1.SandboxSpec) error {
	e.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, err := e.tryRun(s)
		if errdefs.ReasonOf(errgrpc.FromError(err)) != "SECRETSD_UNAVAILABLE" || time.Now().After(deadline) {
			return err
		}
	}
}
