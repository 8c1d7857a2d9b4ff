package client

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// requestID gives a request without a request_id one of its own, where there is such a field. Interceptors run once a
// call, whatever number of attempts it takes, so a repeated attempt can make no second sandbox, secret or version.
func requestID(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(ctx, method, withRequestID(req), reply, cc, opts...)
}

// withRequestID changes a copy: the caller may send the same request again, and mean another one.
func withRequestID(req any) any {
	m, ok := req.(proto.Message)
	if !ok {
		return req
	}
	field := m.ProtoReflect().Descriptor().Fields().ByName("request_id")
	if field == nil || m.ProtoReflect().Has(field) {
		return req
	}
	m = proto.Clone(m)
	m.ProtoReflect().Set(field, protoreflect.ValueOfString(uuid.NewString()))
	return m
}
