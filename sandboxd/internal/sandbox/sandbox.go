// Package sandbox holds the nouns of sandboxd: Sandbox, Spec, SecretRef, State and its allowed moves. Pure: it needs no
// machine, no network and no clock, and never holds a secret's value.
package sandbox

import (
	"time"
)

// Sandbox is one sandbox as sandboxd records it. It carries references to secrets, never their values.
type Sandbox struct {
	ID      string
	Team    string
	Creator string // user id
	// RequestID is the caller's idempotency id; empty when none was given.
	RequestID string
	// Front is the API that made it: "native" or "coreweave". A front may keep what it must echo in FrontData.
	Front     string
	FrontData []byte
	Spec      Spec

	State    State
	Reason   string
	ExitCode *int32

	CreateTime time.Time
	StartTime  time.Time
	EndTime    time.Time
	ExpireTime time.Time
	// IdleExpireTime is when it ends unless something is done in it before; zero without an idle timeout, and while something is. It
	// is not recorded: the clock starts anew with sandboxd.
	IdleExpireTime time.Time

	Runtime        string
	ImageDigest    string
	SecretVersions []string // full resource names, in the order of Spec.Secrets
	// PrivateTo is the id of the API key that made it, when it holds a restricted secret: then who looks into it sees what
	// is not for every member of the team. Empty when the sandbox is the whole team's.
	PrivateTo string
	Masking   Masking
	// Endpoints are where its published ports are reached. They are not recorded: the rules' ports and the configuration say it.
	Endpoints []Endpoint
}

// Spec says what to run.
type Spec struct {
	Image       string
	Command     []string // empty: no main process
	Environment map[string]string
	Secrets     []SecretRef
	WorkingDir  string
	User        string
	Resources   Resources
	MaxLifetime time.Duration
	// IdleTimeout is after how long without a use it is stopped; 0 means never.
	IdleTimeout time.Duration
	// StopGrace is the time between SIGTERM and SIGKILL where a stop does not say; nil means DefaultStopGrace.
	StopGrace *time.Duration
	Tags      []string
	Runtime   string
	Network   Network
	// MaskOutput asks for what Masking.Output says, where the team does not.
	MaskOutput bool `json:",omitempty"` // without it a request's digest is as before there was the field
	// Security narrows what its processes may do.
	Security Security `json:",omitzero"`
}

// SecretRef names a secret of the sandbox's team and the variable that will hold its value.
type SecretRef struct {
	Secret  string
	Version string // number, "latest", one of the secret's aliases, or empty for "latest"
	Field   string
	EnvVar  string // after Normalize never empty
}

// Resources are a sandbox's limits; 0 means the operator's default.
type Resources struct {
	MemoryBytes int64
	CPUMillis   int64
	Pids        int64
	// DiskBytes and Inodes are 0 where the host bounds no disks; see Policy.
	DiskBytes int64 `json:",omitzero"` // without it a request's digest is as before there was the field
	Inodes    int64 `json:",omitzero"`
	OpenFiles int64 `json:",omitzero"`
	// OutputBytes is what one command that a call waits for may write; 0, of a sandbox made before there was the limit: no end of it.
	OutputBytes int64 `json:",omitzero"`
}

// File is a file to write into a new sandbox. Files are not part of Spec: they are never recorded.
type File struct {
	Path    string
	Content []byte
	Mode    uint32 // 0 means 0644
}
