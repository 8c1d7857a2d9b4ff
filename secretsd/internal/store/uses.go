package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// UseReader reads the receipts of released values, which audit entries bring with them (audit.Receipt), and revocations.
type UseReader interface {
	// Uses lists those of a secret, newest first, and returns the Before that goes on with the list, 0 at its end. It may stop before
	// the limit, even at nothing, where much else has to be looked through.
	Uses(ctx context.Context, s secret.Secret, f secret.UseFilter) (list []secret.Use, next int64, err error)
	// CountRunning returns how many sandboxes hold a version.
	CountRunning(ctx context.Context, s secret.Secret, version int64) (int, error)
	// NewestRunning returns the sequence of the newest batch that was released to a workload, or to its SPIFFE ID without an
	// instance, for a sandbox that has not ended; 0 when there is none.
	NewestRunning(ctx context.Context, of secret.Workload) (int64, error)
	// Revoked lists the sandboxes of a workload, and those of its SPIFFE ID without an instance, that have not ended and hold
	// versions revoked after the revocation of an id, by revocation, ascending.
	Revoked(ctx context.Context, of secret.Workload, after int64) ([]secret.Revoked, error)
}

// UseWriter changes receipts and revocations.
type UseWriter interface {
	// EndSandboxes records that sandboxes of a workload, or of its SPIFFE ID without an instance, have ended, and returns those
	// of which it was not known.
	EndSandboxes(ctx context.Context, of secret.Workload, ids []string, at time.Time) ([]secret.WorkloadSandbox, error)
	// EndOthers is EndSandboxes for all that values were released to the very workload for up to a sequence, but those that
	// still run.
	EndOthers(ctx context.Context, of secret.Workload, asOf int64, running []string, at time.Time) ([]secret.WorkloadSandbox, error)
	// AdoptSandboxes makes those of some sandboxes the workload's that its SPIFFE ID has without an instance and that have not
	// ended, and returns them.
	AdoptSandboxes(ctx context.Context, by secret.Workload, ids []string) ([]secret.WorkloadSandbox, error)
	// Revoke stores a revocation, in place of one of the same version, and returns its id, which is above all before it.
	Revoke(ctx context.Context, r secret.Revocation) (id int64, err error)
	// LiftRevocation removes the revocation of a version. One that is not there is no error.
	LiftRevocation(ctx context.Context, s secret.Secret, version int64) error
}
