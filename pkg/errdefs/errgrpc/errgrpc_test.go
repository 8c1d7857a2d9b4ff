package errgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

func TestRoundTrip(t *testing.T) {
	for kind := errdefs.Internal; kind <= errdefs.Canceled; kind++ {
		want := &errdefs.Error{
			Kind: kind, Reason: "SOME_REASON", Message: "something is wrong",
			Metadata:   map[string]string{"team": "ml", "limit": "10"},
			Violations: []errdefs.Violation{{Subject: "spec.image", Type: "SOME_TYPE", Description: "must not be empty"}, {Subject: "b"}},
			RetryAfter: 1500 * time.Millisecond,
		}
		st := errgrpc.ToStatus(fmt.Errorf("doing a thing: %w", want), "id")
		if st.Code() == codes.Unknown || st.Code() == codes.OK {
			t.Errorf("kind %v has code %v", kind, st.Code())
		}
		got, ok := errdefs.As(errgrpc.FromError(fmt.Errorf("calling: %w", st.Err())))
		if !ok {
			t.Fatalf("kind %v: no errdefs.Error comes back", kind)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("kind %v (-want +got):\n%s", kind, diff)
		}
	}
}

func TestToStatusKeepsInsidesInside(t *testing.T) {
	e := errdefs.New(errdefs.NotFound, "SECRET_NOT_FOUND", "secret x does not exist").WithCause(errors.New("sql: no rows in /var/lib"))
	st := errgrpc.ToStatus(fmt.Errorf("reading row 7: %w", e), "id")
	if st.Message() != "secret x does not exist" {
		t.Errorf("message = %q, want the sentence alone", st.Message())
	}
	if text := fmt.Sprint(st.Proto()); strings.Contains(text, "sql") || strings.Contains(text, "row 7") {
		t.Errorf("status tells of the inside: %s", text)
	}
}

// TestInternalErrorWithMetadata: it tells what errors of nobody's tell, and the metadata.
func TestInternalErrorWithMetadata(t *testing.T) {
	e := (&errdefs.Error{Kind: errdefs.Internal}).WithMetadata("sandbox", "sb-1").WithCause(errors.New("sql: no rows in /var/lib"))
	if e.Error() != "sql: no rows in /var/lib" {
		t.Errorf("the log has %q", e)
	}
	got, _ := errdefs.As(errgrpc.FromError(errgrpc.ToStatus(e, "r7").Err()))
	want := &errdefs.Error{
		Kind: errdefs.Internal, Reason: "INTERNAL", Message: "internal error (request id r7)", Metadata: map[string]string{"sandbox": "sb-1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestToStatusOfOtherErrors(t *testing.T) {
	ours := errgrpc.ToStatus(errdefs.New(errdefs.Unavailable, "SECRETSD_UNAVAILABLE", "secretsd does not answer"), "")
	foreign, err := status.New(codes.NotFound, "inner text").WithDetails(&errdetails.ErrorInfo{Reason: "X", Domain: "example.com"})
	if err != nil {
		t.Fatal(err)
	}
	sdk, err := status.New(codes.NotFound, "no such file").WithDetails(&errdetails.ErrorInfo{
		Reason: "CWSANDBOX_FILE_NOT_FOUND", Domain: errgrpc.SDKDomain,
	})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name    string
		err     error
		code    codes.Code
		reason  string
		message string
	}{
		{"unknown", errors.New("inner text"), codes.Internal, "INTERNAL", "internal error (request id r1)"},
		{"wrapped unknown", fmt.Errorf("a: %w", errors.New("inner text")), codes.Internal, "INTERNAL", "internal error (request id r1)"},
		{"canceled", fmt.Errorf("a: %w", ended.Err()), codes.Canceled, "CANCELED", "the call was canceled"},
		{"deadline", context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's deadline has passed"},
		{"status of ours", fmt.Errorf("inner text: %w", ours.Err()), codes.Unavailable, "SECRETSD_UNAVAILABLE", "secretsd does not answer"},
		{"status in the SDK's words", sdk.Err(), codes.NotFound, "CWSANDBOX_FILE_NOT_FOUND", "no such file"},
		{"status of somebody else", foreign.Err(), codes.Internal, "INTERNAL", "internal error (request id r1)"},
		{"bare status", status.Error(codes.PermissionDenied, "inner text"), codes.Internal, "INTERNAL", "internal error (request id r1)"},
		{"bare canceled status", status.Error(codes.Canceled, "inner text"), codes.Canceled, "CANCELED", "the call was canceled"},
		{"bare deadline status", status.Error(codes.DeadlineExceeded, "inner text"), codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's deadline has passed"},
		{"unimplemented", status.Error(codes.Unimplemented, "method X not implemented"), codes.Unimplemented, "UNIMPLEMENTED", "method X not implemented"},
		{"kind that does not exist", errdefs.New(errdefs.Kind(99), "R", "m"), codes.Internal, "R", "m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := errgrpc.ToStatus(tt.err, "r1")
			if st.Code() != tt.code || st.Message() != tt.message {
				t.Errorf("status = %v %q, want %v %q", st.Code(), st.Message(), tt.code, tt.message)
			}
			if got := errdefs.ReasonOf(errgrpc.FromError(st.Err())); got != tt.reason {
				t.Errorf("reason = %q, want %q", got, tt.reason)
			}
			if strings.Contains(fmt.Sprint(st.Proto()), "inner text") {
				t.Error("the inner text reaches the client")
			}
		})
	}
	if st := errgrpc.ToStatus(errors.New("x"), ""); st.Message() != "internal error" {
		t.Errorf("without a request id the message is %q", st.Message())
	}
	if st := errgrpc.ToStatus(nil, "r1"); st.Code() != codes.OK || st.Err() != nil {
		t.Errorf("nil gives %v", st)
	}
}

func TestStatusOfOursPassesUnchanged(t *testing.T) {
	e := errdefs.InvalidField("spec.image", "must not be empty").WithMetadata("k", "v")
	first := errgrpc.ToStatus(e, "r1")
	second := errgrpc.ToStatus(fmt.Errorf("resolving: %w", first.Err()), "r2")
	if !proto.Equal(first.Proto(), second.Proto()) {
		t.Errorf("the status changed: %v, was %v", second.Proto(), first.Proto())
	}
}

func TestFromError(t *testing.T) {
	if errgrpc.FromError(nil) != nil {
		t.Error("nil does not stay nil")
	}
	plain := errors.New("x")
	if got := errgrpc.FromError(plain); got != plain {
		t.Errorf("an error that is no status becomes %v", got)
	}
	e := errdefs.New(errdefs.NotFound, "R", "m")
	if got := errgrpc.FromError(e); got != error(e) {
		t.Errorf("an errdefs.Error becomes %v", got)
	}
	got, _ := errdefs.As(errgrpc.FromError(status.Error(codes.Unavailable, "connection refused")))
	want := &errdefs.Error{Kind: errdefs.Unavailable, Reason: "UNAVAILABLE", Message: "connection refused"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("foreign status (-want +got):\n%s", diff)
	}
	if got := errdefs.KindOf(errgrpc.FromError(status.Error(codes.DataLoss, "x"))); got != errdefs.Internal {
		t.Errorf("DataLoss has kind %v", got)
	}
}
