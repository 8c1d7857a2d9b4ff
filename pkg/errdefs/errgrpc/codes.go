package errgrpc

import (
	"google.golang.org/grpc/codes"

	"github.com/casemate/casemate/pkg/errdefs"
)

// kinds pairs every kind with its status code and that code's name.
var kinds = []struct {
	kind errdefs.Kind
	code codes.Code
	name string
}{
	{errdefs.Internal, codes.Internal, reasonInternal},
	{errdefs.InvalidArgument, codes.InvalidArgument, "INVALID_ARGUMENT"},
	{errdefs.NotFound, codes.NotFound, "NOT_FOUND"},
	{errdefs.AlreadyExists, codes.AlreadyExists, "ALREADY_EXISTS"},
	{errdefs.PermissionDenied, codes.PermissionDenied, "PERMISSION_DENIED"},
	{errdefs.Unauthenticated, codes.Unauthenticated, "UNAUTHENTICATED"},
	{errdefs.FailedPrecondition, codes.FailedPrecondition, "FAILED_PRECONDITION"},
	{errdefs.ResourceExhausted, codes.ResourceExhausted, "RESOURCE_EXHAUSTED"},
	{errdefs.Aborted, codes.Aborted, "ABORTED"},
	{errdefs.OutOfRange, codes.OutOfRange, "OUT_OF_RANGE"},
	{errdefs.Unavailable, codes.Unavailable, "UNAVAILABLE"},
	{errdefs.Unimplemented, codes.Unimplemented, reasonUnimplemented},
	{errdefs.DeadlineExceeded, codes.DeadlineExceeded, reasonDeadline},
	{errdefs.Canceled, codes.Canceled, reasonCanceled},
}

// codeOf returns the status code of a kind; Internal for one that does not exist.
func codeOf(k errdefs.Kind) codes.Code {
	for _, p := range kinds {
		if p.kind == k {
			return p.code
		}
	}
	return codes.Internal
}

// kindOf returns the kind of a status code; Internal for codes that no kind stands for (Unknown, DataLoss).
func kindOf(c codes.Code) errdefs.Kind {
	for _, p := range kinds {
		if p.code == c {
			return p.kind
		}
	}
	return errdefs.Internal
}

// codeName returns a status code's name; INTERNAL for codes that no kind stands for.
func codeName(c codes.Code) string {
	for _, p := range kinds {
		if p.code == c {
			return p.name
		}
	}
	return reasonInternal
}
