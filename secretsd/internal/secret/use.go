package secret

import "time"

// Workload is a program that runs sandboxes.
type Workload struct {
	// Peer is its SPIFFE ID.
	Peer string
	// Instance tells it from others of the same SPIFFE ID; empty for a program that does not say: such are one.
	Instance string
}

// Use is the receipt of one value that was released for a sandbox.
type Use struct {
	// Sequence is that of the audit entry about it: it orders uses.
	Sequence int64
	// Version is the number of the version that was released.
	Version int64
	// Field is the part of a structured secret; empty for the whole value.
	Field string
	// EnvVar is the environment variable that holds it; empty when the workload did not say.
	EnvVar string
	// Team is the sandbox's, which is the secret's too.
	Team      string
	SandboxID string
	// UserID and APIKeyID say who ran the sandbox.
	UserID, APIKeyID string
	// Workload is what got the value.
	Workload  Workload
	RequestID string
	Time      time.Time
	// EndTime is when it was heard that the sandbox had ended; zero while it may hold the value.
	EndTime time.Time
}

// UseFilter says which uses of a secret to list.
type UseFilter struct {
	// Version is the number; 0 means all.
	Version int64
	// RunningOnly leaves out sandboxes that have ended.
	RunningOnly bool
	// Before is the sequence that uses must be below; 0 is the start.
	Before int64
	Limit  int
}

// WorkloadSandbox is a sandbox whose uses have ended, or changed hands.
type WorkloadSandbox struct{ Team, SandboxID string }

// Revocation takes one version back from the sandboxes that hold it, for as long as there are any.
type Revocation struct {
	SecretUID string
	Version   int64
	// Name is the version's full resource name. It outlives the secret.
	Name string
	Time time.Time
}

// Revoked is a sandbox that holds a revoked version.
type Revoked struct {
	// ID is the revocation's, Name the version's full resource name.
	ID        int64
	Name      string
	SandboxID string
}
