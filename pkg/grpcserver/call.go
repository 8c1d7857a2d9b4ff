package grpcserver

import (
	"context"

	"github.com/google/uuid"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/casemate/casemate/pkg/identity"
)

// HeaderRequestID is the metadata key that carries a call's request id, both ways.
const HeaderRequestID = "x-request-id"

// call is what the chain knows of the current call. Each call is served by one goroutine at a time, so it has no lock.
type call struct {
	requestID string
	caller    identity.Caller
}

type callKey struct{}

func fromContext(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// RequestID returns the id of the current call: the client's own when it sent a sane one (1 to 128 of A-Z, a-z, 0-9,
// ".", "_" and "-"), else a new one. Empty outside a call.
func RequestID(ctx context.Context) string { return fromContext(ctx).requestID }

// newCall returns ctx with a fresh call record, and tells the client the request id.
func newCall(ctx context.Context) context.Context {
	c := &call{}
	if in := metadata.ValueFromIncomingContext(ctx, HeaderRequestID); len(in) == 1 && saneRequestID(in[0]) {
		c.requestID = in[0]
	} else {
		c.requestID = uuid.NewString()
	}
	// It fails only when the headers are gone already, and nothing was sent yet.
	_ = grpc.SetHeader(ctx, metadata.Pairs(HeaderRequestID, c.requestID))
	return context.WithValue(ctx, callKey{}, c)
}

func callUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return handler(newCall(ctx), req)
}

func callStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	wrapped := middleware.WrapServerStream(ss)
	wrapped.WrappedContext = newCall(ss.Context())
	return handler(srv, wrapped)
}

func saneRequestID(s string) bool {
	if len(s) == 0 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
