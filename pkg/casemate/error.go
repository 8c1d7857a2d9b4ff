package casemate

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// ReasonUnreachable is the reason of an error about a daemon that does not answer; its code is UNAVAILABLE.
const ReasonUnreachable = "UNREACHABLE"

// Error is what a daemon refused a call with, or why it could not be called. Get it with errors.As; every error of this
// package that a daemon or a connection caused is one.
type Error struct {
	// Code is the class of the error.
	Code codes.Code
	// Reason is a stable word for programs, such as SECRET_NOT_FOUND. The API's reference lists those of each call.
	Reason string
	// Message is a sentence for people.
	Message string
	// Metadata has names and numbers for programs; nil where there are none.
	Metadata map[string]string
	// Violations has every single thing that is wrong, where there can be several: malformed fields, or secrets that
	// could not be resolved.
	Violations []Violation
	// RetryAfter, when positive, is when another try makes sense.
	RetryAfter time.Duration

	from *errdefs.Error
}

// Violation is one of several things wrong. Subject is the request's field or the secret's resource name; Type, a reason,
// is set for secrets; Description says what is wrong.
type Violation = errdefs.Violation

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the same error as the daemons' own code has it, an *errdefs.Error.
func (e *Error) Unwrap() error { return e.from }

// GRPCStatus makes status.FromError and status.Code work.
func (e *Error) GRPCStatus() *status.Status { return errgrpc.ToStatus(e.from, "") }

// Is says that a call that ended with its context is context.Canceled or context.DeadlineExceeded, too.
func (e *Error) Is(target error) bool {
	return target == context.Canceled && e.Code == codes.Canceled || target == context.DeadlineExceeded && e.Code == codes.DeadlineExceeded
}

// typed makes an *Error of an *errdefs.Error or a status; another error stays what it is.
func typed(err error) error {
	from, ok := errdefs.As(errgrpc.FromError(err))
	if !ok {
		return err
	}
	return &Error{
		Code: errgrpc.ToStatus(from, "").Code(), Reason: from.Reason, Message: from.Message, Metadata: from.Metadata,
		Violations: from.Violations, RetryAfter: from.RetryAfter, from: from,
	}
}
