package native

import (
	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// WatchFiles implements the rpc. Send blocks while the client does not read, and so, in the end, does the agent.
func (s *service) WatchFiles(req *sandboxv1.WatchFilesRequest, stream grpc.ServerStreamingServer[sandboxv1.WatchFilesResponse]) error {
	ctx := stream.Context()
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return err
	}
	return s.core.WatchFiles(ctx, caller, ref, req.GetPath(), req.GetRecursive(), func(events []agent.FileEvent) error {
		resp := &sandboxv1.WatchFilesResponse{}
		for _, e := range events {
			resp.Events = append(resp.Events, &sandboxv1.FileEvent{
				Type: fileEventTypes[e.Kind], Path: text(e.Path), OldPath: text(e.OldPath), Directory: e.Directory,
			})
		}
		return stream.Send(resp)
	})
}

var fileEventTypes = map[agent.FileEventKind]sandboxv1.FileEventType{
	agent.FileCreated:  sandboxv1.FileEventType_FILE_EVENT_TYPE_CREATED,
	agent.FileModified: sandboxv1.FileEventType_FILE_EVENT_TYPE_MODIFIED,
	agent.FileRemoved:  sandboxv1.FileEventType_FILE_EVENT_TYPE_REMOVED,
	agent.FileMoved:    sandboxv1.FileEventType_FILE_EVENT_TYPE_MOVED,
	agent.FileOverflow: sandboxv1.FileEventType_FILE_EVENT_TYPE_OVERFLOW,
}
