package sandbox

import "time"

// EventKind says what happened to a sandbox.
type EventKind string

// The kinds. Detail is what stands behind the colon.
const (
	EventCreated         EventKind = "CREATED"          // asked for: the image; Actor is who asked
	EventImageReady      EventKind = "IMAGE_READY"      // the image's digest
	EventSecretsResolved EventKind = "SECRETS_RESOLVED" // the versions' names, never a value
	EventMainStarted     EventKind = "MAIN_STARTED"     // empty
	EventRunning         EventKind = "RUNNING"          // empty
	EventUndone          EventKind = "UNDONE"           // why it could not be made
	EventAdopted         EventKind = "ADOPTED"          // empty; a sandboxd that was started took it up
	EventStopOrdered     EventKind = "STOP_ORDERED"     // the grace; Actor is who ordered it
	EventRevoked         EventKind = "REVOKED"          // the version's name
	EventStopping        EventKind = "STOPPING"         // why
	EventOutOfMemory     EventKind = "OUT_OF_MEMORY"    // empty; the kernel killed a process of it
	EventLost            EventKind = "LOST"             // empty; it was gone when sandboxd was started
	EventExtended        EventKind = "EXTENDED"         // the new end; Actor is who gave it
	EventNetworkNarrowed EventKind = "NETWORK_NARROWED" // the new rules; Actor is who gave them
	EventEnded           EventKind = "ENDED"            // the state, with the reason and the exit code where there are
)

// Event is one thing that happened to a sandbox.
type Event struct {
	// Sequence orders the events of a sandboxd; 0 until it is recorded.
	Sequence  int64
	SandboxID string // filled in by the store, and Team
	Team      string
	Time      time.Time
	Kind      EventKind
	Actor     string // user id; empty: sandboxd itself
	Detail    string
}

// MaxEvents is how many events of one sandbox are kept: the newest.
const MaxEvents = 256
