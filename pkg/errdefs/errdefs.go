// Package errdefs is how every package of Casemate says what went wrong: a kind, a reason for programs, a sentence for
// people. It knows nothing of gRPC; errgrpc turns these errors into statuses and back.
//
// An error is made at its source with New, wrapped with fmt.Errorf("what was being done: %w", err) on its way up, and
// reaches the client as the message of the first Error in the chain. An error with no Error in its chain is internal: the client is
// told nothing of it but a request id.
package errdefs

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of an error; each maps to one gRPC status code.
type Kind int

// The kinds.
const (
	Internal Kind = iota
	InvalidArgument
	NotFound
	AlreadyExists
	PermissionDenied
	Unauthenticated
	FailedPrecondition
	ResourceExhausted
	Aborted
	OutOfRange
	Unavailable
	Unimplemented
	DeadlineExceeded
	Canceled
)

// Violation is one of several things wrong with a request or with the state it needs.
type Violation struct {
	// Subject is the request's field path (InvalidArgument) or the thing's resource name (FailedPrecondition).
	Subject string
	// Type is a reason in UPPER_SNAKE_CASE; used with FailedPrecondition only.
	Type string
	// Description says what is wrong and what to do.
	Description string
}

// Error is an error meant for the caller of an API.
type Error struct {
	Kind Kind
	// Reason is UPPER_SNAKE_CASE and stable: programs compare it.
	Reason string
	// Message is one sentence for people, without a trailing period. It may be shown to the caller as it is. An Internal error may
	// have neither Reason nor Message: the caller is told of the request id, as of all errors that nobody made for callers.
	Message string
	// Metadata adds names and numbers for programs; never a value of a secret.
	Metadata map[string]string
	// Violations lists every single thing that is wrong, where there can be several.
	Violations []Violation
	// RetryAfter, when positive, says when another try makes sense.
	RetryAfter time.Duration
	// Cause is for the log only; it is never shown to a caller.
	Cause error
}

// Error returns the message, and the cause behind it for the log.
func (e *Error) Error() string {
	switch {
	case e.Cause != nil && e.Message == "":
		return e.Cause.Error()
	case e.Cause != nil:
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind with a reason and a formatted message.
func New(kind Kind, reason, format string, args ...any) *Error {
	return &Error{Kind: kind, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// WithCause returns a copy of e with the underlying error, which only the log shows.
func (e *Error) WithCause(err error) *Error {
	c := *e
	c.Cause = err
	return &c
}

// WithMetadata returns a copy of e with one more metadata entry.
func (e *Error) WithMetadata(key, value string) *Error {
	c := *e
	c.Metadata = make(map[string]string, len(e.Metadata)+1)
	for k, v := range e.Metadata {
		c.Metadata[k] = v
	}
	c.Metadata[key] = value
	return &c
}

// InvalidField says that one field of a request is malformed. The reason is INVALID_ARGUMENT.
func InvalidField(field, format string, args ...any) *Error {
	d := fmt.Sprintf(format, args...)
	return &Error{
		Kind: InvalidArgument, Reason: "INVALID_ARGUMENT", Message: field + ": " + d,
		Violations: []Violation{{Subject: field, Description: d}},
	}
}

// As returns the first Error in err's chain, the outermost one.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// KindOf returns the kind of the first Error in err's chain, Internal where there is none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}

// ReasonOf returns the reason of the first Error in err's chain, empty where there is none.
func ReasonOf(err error) string {
	if e, ok := As(err); ok {
		return e.Reason
	}
	return ""
}
