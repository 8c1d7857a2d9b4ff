package grpcserver

import (
	"context"
	"time"

	"github.com/google/uuid"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/identity"
)

// HeaderRequestID is the metadata key that carries a call's request id, both ways: back in the headers, or in the trailers
// of an answer that is Unavailable.
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

// newCall returns ctx with a fresh call record.
func newCall(ctx context.Context) (context.Context, *call) {
	c := &call{}
	if in := metadata.ValueFromIncomingContext(ctx, HeaderRequestID); len(in) == 1 && saneRequestID(in[0]) {
		c.requestID = in[0]
	} else {
		c.requestID = uuid.NewString()
	}
	return context.WithValue(ctx, callKey{}, c), c
}

// maxMargin bounds how long before the client's deadline a call is ended.
const maxMargin = 25 * time.Millisecond

// beforeDeadline returns ctx with a deadline a little before the client's own: a twentieth of the time that there is, at most
// maxMargin. At the deadline itself gRPC resets the stream, and a client whose clock is not there yet takes that for a
// cancellation; so the answer DEADLINE_EXCEEDED has to leave before.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/20, maxMargin)))
}

// tell sends the client the request id: in the headers, or, when the answer is Unavailable, in the trailers. A client that
// has got headers may not make the call again by itself (gRFC A6), and Unavailable is what asks it to.
func (c *call) tell(stream grpc.ServerTransportStream, err error) {
	md := metadata.Pairs(HeaderRequestID, c.requestID)
	// Both fail only when it is too late, and nothing was sent yet.
	if status.Code(err) == codes.Unavailable {
		_ = stream.SetTrailer(md)
		return
	}
	_ = stream.SetHeader(md)
}

func callUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	called, c := newCall(ctx)
	called, cancel := beforeDeadline(called)
	defer cancel()
	resp, err := handler(called, req)
	c.tell(grpc.ServerTransportStreamFromContext(ctx), err)
	return resp, err
}

func callStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, c := newCall(ss.Context())
	ctx, cancel := beforeDeadline(ctx)
	defer cancel()
	wrapped := &tellingStream{call: c, WrappedServerStream: middleware.WrapServerStream(ss)}
	wrapped.WrappedContext = ctx
	err := handler(srv, wrapped)
	wrapped.tell(err)
	return err
}

// tellingStream tells the request id before its first message.
type tellingStream struct {
	*middleware.WrappedServerStream

	call *call
	told bool
}

func (s *tellingStream) tell(err error) {
	if !s.told {
		s.told = true
		s.call.tell(grpc.ServerTransportStreamFromContext(s.Context()), err)
	}
}

// SendHeader implements grpc.ServerStream.
func (s *tellingStream) SendHeader(md metadata.MD) error {
	s.tell(nil)
	return s.WrappedServerStream.SendHeader(md)
}

// SendMsg implements grpc.ServerStream.
func (s *tellingStream) SendMsg(m any) error {
	s.tell(nil)
	return s.WrappedServerStream.SendMsg(m)
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
