package native

import (
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// StreamLogs implements the rpc.
func (s *service) StreamLogs(req *sandboxv1.StreamLogsRequest, stream grpc.ServerStreamingServer[sandboxv1.StreamLogsResponse]) error {
	ctx := stream.Context()
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return err
	}
	query := controller.LogsRequest{Follow: req.GetFollow(), TailLines: int(req.GetTailLines()), Offset: req.GetOffset()}
	if req.GetSinceTime() != nil {
		query.Since = req.GetSinceTime().AsTime()
	}
	return s.core.Logs(ctx, caller, ref, query, func(r controller.LogRecord) error {
		resp := &sandboxv1.StreamLogsResponse{
			Data: r.Data, Stream: sandboxv1.LogStream_LOG_STREAM_STDOUT, Time: timestamppb.New(r.Time), NextOffset: r.Offset, LostBytes: r.Lost,
		}
		if r.Stream == controller.Stderr {
			resp.Stream = sandboxv1.LogStream_LOG_STREAM_STDERR
		}
		return stream.Send(resp)
	})
}
