package grpcserver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	rules "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/errdefs"
)

// violationsUnary gives the validator's findings the form of every other error. It stands outside the validator.
func violationsUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := checkMalformed(req); err != nil {
		return nil, err
	}
	resp, err := handler(ctx, req)
	return resp, receiveError(err)
}

// violationsStream does the same for what a handler receives. It stands inside the validator, next to the handler.
func violationsStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(srv, receiver{ss})
}

type receiver struct{ grpc.ServerStream }

func (r receiver) RecvMsg(m any) error {
	if err := r.ServerStream.RecvMsg(m); err != nil {
		return receiveError(err)
	}
	return checkMalformed(m)
}

// receiveError turns what gRPC and the validator say of a bad message into an errdefs.Error, and leaves all else alone.
func receiveError(err error) error {
	var s interface{ GRPCStatus() *status.Status }
	if err == nil || !errors.As(err, &s) {
		return err
	}
	st := s.GRPCStatus()
	// gRPC has told the client itself by now; this keeps a client's mistake from looking like our failure in the log.
	if st.Code() == codes.ResourceExhausted && strings.HasPrefix(st.Message(), "grpc: received message ") {
		return errMessageTooLarge().WithCause(err)
	}
	for _, d := range st.Details() {
		if found, ok := d.(*rules.Violations); ok {
			return invalid(found.GetViolations())
		}
	}
	return err
}

func invalid(found []*rules.Violation) *errdefs.Error {
	e := &errdefs.Error{Kind: errdefs.InvalidArgument, Reason: "INVALID_ARGUMENT"}
	var all []string
	for _, f := range found {
		v := errdefs.Violation{Subject: protovalidate.FieldPathString(f.GetField()), Description: f.GetMessage()}
		if v.Description == "" {
			v.Description = "breaks the rule " + f.GetRuleId()
		}
		e.Violations = append(e.Violations, v)
		all = append(all, v.Subject+": "+v.Description)
	}
	e.Message = strings.Join(all, "; ")
	if len(all) > 1 {
		e.Message = fmt.Sprintf("%d fields are invalid: %s", len(all), e.Message)
	}
	return e
}
