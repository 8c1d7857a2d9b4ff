package controller

import (
	"time"

	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// RunRequest asks for a new sandbox.
type RunRequest struct {
	// Team to run it in; empty means the key's own team.
	Team string
	// Spec says what to run. Defaults need not be filled in.
	Spec sandbox.Spec
	// Files are written before the main process starts. They are never recorded.
	Files []sandbox.File
	// RequestID makes the call idempotent for the caller in the team: at most 128 characters, empty for no such promise.
	RequestID string
	// Front is the API that asks: "native" or "coreweave".
	Front string
	// FrontData is kept with the sandbox for the front, which may need it to echo a request. It is part of no comparison.
	FrontData []byte
	// DefaultLifetime replaces the operator's default where Spec.MaxLifetime is 0; 0 leaves the operator's.
	DefaultLifetime time.Duration
}

// Ref names a sandbox.
type Ref struct {
	// Team is the sandbox's team; empty means any team of the caller's.
	Team string
	ID   string
}

// ListRequest asks for one page of a team's sandboxes, newest first.
type ListRequest struct {
	// Team; empty means the key's own team.
	Team string
	// Tags that a sandbox must carry, all of them.
	Tags []string
	// States to show; empty means those that have not ended, and with ShowEnded all.
	States    []sandbox.State
	ShowEnded bool
	// PageSize is the most to return: 0 means 100, above 1000 means 1000.
	PageSize int
	// PageToken is NextPageToken of the page before; empty for the first.
	PageToken string
}

// ListResult is one page of sandboxes.
type ListResult struct {
	Sandboxes []sandbox.Sandbox
	// NextPageToken is empty on the last page.
	NextPageToken string
}

// LogsRequest says which part of a main process's log to read. TailLines, Since and Offset may be combined: what all of
// them let through is read.
type LogsRequest struct {
	// Follow goes on with what is written later, until the main process ends.
	Follow bool
	// TailLines, when positive, reads only the last so many lines.
	TailLines int
	// Since, when set, reads only what was written at or after this time.
	Since time.Time
	// Offset reads on from a LogRecord's Offset; 0 reads from the oldest kept byte.
	Offset uint64
}

// LogRecord is one piece of a main process's output. Its Offset is the position after it: asking with that Offset reads on.
// Its Lost says how much is missing before it.
type LogRecord = mainlog.Record

// The two streams of a LogRecord.
const (
	Stdout = mainlog.Stdout
	Stderr = mainlog.Stderr
)
