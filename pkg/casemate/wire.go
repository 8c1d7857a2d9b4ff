package casemate

import (
	"context"
	"errors"
	"io"
	"strings"

	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// wire turns the errors of a connection's calls into Errors, so that they read well wherever they are wrapped, and names
// the daemon that could not be reached.
type wire struct{ what, address string }

func (w wire) dialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(w.unary), grpc.WithChainStreamInterceptor(w.stream)}
}

func (w wire) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return w.convert(invoke(ctx, method, req, reply, cc, opts...))
}

func (w wire) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, w.convert(err)
	}
	return wireStream{s, w}, nil
}

// wireStream converts what RecvMsg returns. SendMsg needs nothing: io.EOF is all that it says of the server's errors.
type wireStream struct {
	grpc.ClientStream
	wire wire
}

func (s wireStream) RecvMsg(m any) error { return s.wire.convert(s.ClientStream.RecvMsg(m)) }

func (w wire) convert(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	err = errgrpc.FromError(err)
	if e, ok := errdefs.As(err); ok && e.Kind == errdefs.Unavailable && e.Reason == "UNAVAILABLE" {
		err = errdefs.New(errdefs.Unavailable, ReasonUnreachable, "%s at %s can't be reached: %s", w.what, w.address, dialError(e.Message))
	}
	return typed(err)
}

// dialError is what gRPC says of a failed connection without the words around it that tell nothing:
//
//	connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"
func dialError(message string) string {
	if _, desc, ok := strings.Cut(message, `desc = "`); ok {
		message = strings.TrimSuffix(desc, `"`)
	}
	return strings.TrimPrefix(strings.TrimPrefix(message, "transport: "), "Error while dialing: ")
}
