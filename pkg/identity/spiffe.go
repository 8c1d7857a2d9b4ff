package identity

import (
	"fmt"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// DefaultTrustDomain is the SPIFFE trust domain of `casemate certs init`.
const DefaultTrustDomain = "casemate.local"

// The workloads of an installation, as the path of their SPIFFE IDs.
const (
	WorkloadSecretsd = "secretsd"
	WorkloadSandboxd = "sandboxd"
)

// WorkloadID returns spiffe://<trustDomain>/<workload>.
func WorkloadID(trustDomain, workload string) (spiffeid.ID, error) {
	td, err := spiffeid.TrustDomainFromString(trustDomain)
	if err != nil {
		return spiffeid.ID{}, fmt.Errorf("trust domain %q: %w", trustDomain, err)
	}
	id, err := spiffeid.FromSegments(td, workload)
	if err != nil {
		return spiffeid.ID{}, fmt.Errorf("workload %q: %w", workload, err)
	}
	return id, nil
}

// ParseWorkloadID parses a SPIFFE ID that names a workload, such as spiffe://casemate.local/sandboxd. An ID without a
// path names a whole trust domain, not a workload, and is refused.
func ParseWorkloadID(s string) (spiffeid.ID, error) {
	id, err := spiffeid.FromString(s)
	if err != nil {
		return spiffeid.ID{}, fmt.Errorf("SPIFFE ID %q: %w", s, err)
	}
	if id.Path() == "" {
		return spiffeid.ID{}, fmt.Errorf("SPIFFE ID %q names a trust domain, not a workload: add a path such as /%s", s, WorkloadSandboxd)
	}
	return id, nil
}
