// Package errgrpc turns errors of package errdefs into gRPC statuses and back. It is the only place that knows status
// codes, and the last gate before a client: what errdefs did not make for the caller is not shown to the caller.
package errgrpc

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Domain is the domain of google.rpc.ErrorInfo on every error that Casemate makes.
const Domain = "casemate.dev"

// SDKDomain is the domain on errors that the front for the public Python SDK makes itself, in the SDK's own reasons.
const SDKDomain = "cwsandbox.com"

// Reasons of errors that were not made with one.
const (
	reasonInternal      = "INTERNAL"
	reasonCanceled      = "CANCELED"
	reasonDeadline      = "DEADLINE_EXCEEDED"
	reasonUnimplemented = "UNIMPLEMENTED"
)

// ToStatus returns the status that a client may see for err; OK for nil.
//
// The first errdefs.Error in the chain decides: its kind is the code, its message the message, and ErrorInfo, BadRequest
// or PreconditionFailure, and RetryInfo carry the rest. Text wrapped around it and its cause stay here. Without one, a
// gRPC status in the chain passes as it is if it carries our ErrorInfo (another daemon of ours made it) or is
// Unimplemented; the end of a context is Canceled or DeadlineExceeded. Everything else is Internal and says nothing but
// requestID.
func ToStatus(err error, requestID string) *status.Status {
	if err == nil {
		return nil
	}
	if e, ok := errdefs.As(err); ok {
		if e.Kind == errdefs.Internal && e.Message == "" {
			return build(&errdefs.Error{Reason: reasonInternal, Message: internalMessage(requestID), Metadata: e.Metadata})
		}
		return build(e)
	}
	if st, ok := fromChain(err); ok {
		if info(st) != nil {
			return st
		}
		switch st.Code() {
		case codes.Unimplemented:
			return build(errdefs.New(errdefs.Unimplemented, reasonUnimplemented, "%s", st.Message()))
		case codes.Canceled:
			err = context.Canceled
		case codes.DeadlineExceeded:
			err = context.DeadlineExceeded
		}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return build(errdefs.New(errdefs.DeadlineExceeded, reasonDeadline, "the call's deadline has passed"))
	case errors.Is(err, context.Canceled):
		return build(errdefs.New(errdefs.Canceled, reasonCanceled, "the call was canceled"))
	}
	return build(errdefs.New(errdefs.Internal, reasonInternal, "%s", internalMessage(requestID)))
}

// FromError returns what a client got, as an *errdefs.Error: kind from the code, and reason, metadata, violations and
// retry delay from the details. A status that Casemate did not make has its code's name as the reason. An error that is
// no status is returned as it is, and so is an errdefs.Error.
func FromError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errdefs.As(err); ok {
		return err
	}
	st, ok := fromChain(err)
	if !ok {
		return err
	}
	e := &errdefs.Error{Kind: kindOf(st.Code()), Reason: codeName(st.Code()), Message: st.Message()}
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			if ours(d) {
				e.Reason, e.Metadata = d.GetReason(), d.GetMetadata()
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				e.Violations = append(e.Violations, errdefs.Violation{Subject: v.GetField(), Type: v.GetReason(), Description: v.GetDescription()})
			}
		case *errdetails.PreconditionFailure:
			for _, v := range d.GetViolations() {
				e.Violations = append(e.Violations, errdefs.Violation{Subject: v.GetSubject(), Type: v.GetType(), Description: v.GetDescription()})
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	return e
}

func build(e *errdefs.Error) *status.Status {
	st := status.New(codeOf(e.Kind), e.Message)
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: e.Reason, Domain: Domain, Metadata: e.Metadata}}
	if len(e.Violations) > 0 {
		details = append(details, violations(e))
	}
	if e.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	with, err := st.WithDetails(details...)
	if err != nil {
		// Marshalling fails only for text that is not UTF-8. The code and message are still worth sending.
		return st
	}
	return with
}

func violations(e *errdefs.Error) protoadapt.MessageV1 {
	if e.Kind == errdefs.InvalidArgument {
		out := &errdetails.BadRequest{}
		for _, v := range e.Violations {
			out.FieldViolations = append(out.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field: v.Subject, Reason: v.Type, Description: v.Description,
			})
		}
		return out
	}
	out := &errdetails.PreconditionFailure{}
	for _, v := range e.Violations {
		out.Violations = append(out.Violations, &errdetails.PreconditionFailure_Violation{
			Subject: v.Subject, Type: v.Type, Description: v.Description,
		})
	}
	return out
}

// fromChain finds a status in err's chain. status.FromError won't do: it puts the text wrapped around the status, which
// is for the log, into the message.
func fromChain(err error) (*status.Status, bool) {
	var s interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &s) {
		return nil, false
	}
	return s.GRPCStatus(), true
}

func info(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if i, ok := d.(*errdetails.ErrorInfo); ok && ours(i) {
			return i
		}
	}
	return nil
}

// ours says whether Casemate made the error: only then its text is meant for callers.
func ours(i *errdetails.ErrorInfo) bool { return i.GetDomain() == Domain || i.GetDomain() == SDKDomain }

func internalMessage(requestID string) string {
	if requestID == "" {
		return "internal error"
	}
	return fmt.Sprintf("internal error (request id %s)", requestID)
}
