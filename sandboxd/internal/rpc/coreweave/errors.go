package coreweave

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// Reasons of the core that this front names itself.
const (
	reasonSandboxNotFound = "SANDBOX_NOT_FOUND"
	reasonNotImplemented  = "NOT_IMPLEMENTED"
	reasonNoSnapshots     = "FSS_NOT_SUPPORTED"
)

// reasonNoCapacity is the SDK's word for a place that is free when a sandbox ends.
const reasonNoCapacity = "CWSANDBOX_RUNNER_CAPACITY_EXHAUSTED"

// sdkReasons are the SDK's words for reasons of the core. The SDK picks its exception by the reason where the domain is
// errgrpc.SDKDomain; every other reason keeps Casemate's own domain, and the SDK goes by the status code.
var sdkReasons = map[string]string{
	reasonSandboxNotFound: "CWSANDBOX_SANDBOX_NOT_FOUND",
	reasonNotImplemented:  "CWSANDBOX_NOT_IMPLEMENTED",
	reasonNoSnapshots:     "CWSANDBOX_FSS_NOT_SUPPORTED",
	"REQUEST_ID_CONFLICT": "CWSANDBOX_REQUEST_ID_CONFLICT",
	"SANDBOXD_DRAINING":   "CWSANDBOX_RUNNER_UNAVAILABLE",

	// With this one the SDK tries again, where its user gave it a create_retry_budget_seconds.
	"QUOTA_EXCEEDED":     reasonNoCapacity,
	"TOO_MANY_SANDBOXES": reasonNoCapacity,
	"NO_ADDRESS":         reasonNoCapacity,
	"HOST_DISK_FULL":     reasonNoCapacity,

	// Without these, a missing file would read as a missing sandbox.
	"FILE_NOT_FOUND":         "CWSANDBOX_FILE_NOT_FOUND",
	"FILE_IS_DIRECTORY":      "CWSANDBOX_FILE_IS_DIRECTORY",
	"FILE_NOT_REGULAR":       "CWSANDBOX_FILE_IO_FAILED",
	"FILE_PERMISSION_DENIED": "CWSANDBOX_FILE_PERMISSION_DENIED",
	"FILE_READ_ONLY":         "CWSANDBOX_FILE_PERMISSION_DENIED",
	"FILE_TOO_LARGE":         "CWSANDBOX_FILE_TOO_LARGE",
	"FILE_NO_SPACE":          "CWSANDBOX_FILE_IO_FAILED",
	"FILE_IO_FAILED":         "CWSANDBOX_FILE_IO_FAILED",
}

// toStatus puts an error of the core into the SDK's words where it has any. All others pass as they are: the server's
// error mapping, which is the same for both fronts, makes statuses of them.
func toStatus(err error) error {
	e, ok := errdefs.As(err)
	if !ok || sdkReasons[e.Reason] == "" {
		return err
	}
	st := errgrpc.ToStatus(e, "").Proto()
	for i, detail := range st.GetDetails() {
		info := &errdetails.ErrorInfo{}
		if detail.UnmarshalTo(info) != nil {
			continue
		}
		info.Domain, info.Reason = errgrpc.SDKDomain, sdkReasons[e.Reason]
		if renamed, err := anypb.New(info); err == nil {
			st.Details[i] = renamed
		}
	}
	return status.FromProto(st).Err()
}

// createError is an error of Run for the SDK. What a new sandbox needs but is not there, such as its image, is
// FAILED_PRECONDITION: by the code NOT_FOUND the SDK would report a missing sandbox. (Secrets that can't be injected are
// FAILED_PRECONDITION already in the core.) Violations get the places of this API's request; the message keeps the core's
// words, which are nearer to the SDK's arguments.
func createError(err error, p places) error {
	e, ok := errdefs.As(err)
	if !ok {
		return err
	}
	c := *e
	c.Cause = err
	switch {
	case e.Kind == errdefs.NotFound:
		c.Kind = errdefs.FailedPrecondition
	case e.Kind == errdefs.InvalidArgument:
		c.Violations = renameFields(e.Violations, p)
	default:
		return err
	}
	return &c
}
