package errgrpc_test

import (
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// FuzzFromError takes any status that a server may send. It becomes an error with a reason, and that a status again.
func FuzzFromError(f *testing.F) {
	add := func(code int32, message string, details ...proto.Message) {
		st := &spb.Status{Code: code, Message: message}
		for _, d := range details {
			packed, err := anypb.New(d)
			if err != nil {
				f.Fatal(err)
			}
			st.Details = append(st.Details, packed)
		}
		raw, err := proto.Marshal(st)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	add(8, "busy", &errdetails.ErrorInfo{Reason: "OVERLOADED", Domain: errgrpc.Domain}, &errdetails.RetryInfo{RetryDelay: durationpb.New(1 << 40)})
	add(9, "", &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{{Type: "X"}}}, &errdetails.RetryInfo{})
	add(3, "x", &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "a"}}}, &errdetails.ErrorInfo{})
	add(99, "no such code")
	add(-1, "nor this", &spb.Status{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		st := &spb.Status{}
		if proto.Unmarshal(raw, st) != nil || st.GetCode() == 0 {
			return
		}
		e, ok := errdefs.As(errgrpc.FromError(status.FromProto(st).Err()))
		if !ok {
			t.Fatalf("%v is no error", st)
		}
		if e.RetryAfter != 0 && len(st.GetDetails()) == 0 {
			t.Errorf("%v: try again after %v", st, e.RetryAfter)
		}
		back := errgrpc.ToStatus(e, "r")
		if back.Message() != e.Message || back.Code() == 0 {
			t.Errorf("%v becomes %v", st, back)
		}
	})
}
