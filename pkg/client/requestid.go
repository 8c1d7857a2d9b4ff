package client

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// requestID gives a RunSandboxRequest without a request_id one of its own. Interceptors run once a call, whatever number
// of attempts it takes, so a repeated attempt can make no second sandbox.
func requestID(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if run, ok := req.(*sandboxv1.RunSandboxRequest); ok && run.GetRequestId() == "" {
		// A copy: the caller may send the same request again, and mean another sandbox.
		run = proto.CloneOf(run)
		run.RequestId = uuid.NewString()
		req = run
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}
