package coreweave

import (
	"strings"
	"time"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// StreamLogs implements the rpc.
func (s *service) StreamLogs(req *sandboxv1.StreamLogsRequest, stream grpc.ServerStreamingServer[sandboxv1.LogEntry]) error {
	ctx := stream.Context()
	caller, ref, err := s.target(ctx, req.GetSandboxId(), req.GetContainer())
	if err != nil {
		return toStatus(err)
	}
	if req.GetTailLines() < 0 {
		return toStatus(errdefs.InvalidField("tail_lines", "is negative"))
	}
	session := logSession{sandboxID: ref.ID, timestamps: req.GetTimestamps()}
	logs := controller.LogsRequest{Follow: req.GetFollow()}
	if id := req.GetResumeLogSessionId(); id != "" {
		if session.timestamps = strings.HasSuffix(id, timestampsSuffix); id != session.String() {
			// In-band, and with this code, because the SDK then starts anew.
			return stream.Send(&sandboxv1.LogEntry{Error: &sandboxv1.LogStreamError{
				Code: "SESSION_NOT_FOUND", Message: "the log session is none of this sandbox's",
			}})
		}
		logs.Offset = req.GetResumeLogOffset()
	} else {
		logs.TailLines = int(req.GetTailLines())
		logs.Since = since(req)
	}

	lines := logLines{session: session.String(), timestamps: session.timestamps, send: stream.Send}
	if err := s.core.Logs(ctx, caller, ref, logs, lines.add); err != nil {
		return toStatus(err)
	}
	return lines.flush()
}

func since(req *sandboxv1.StreamLogsRequest) time.Time {
	if req.GetSinceTime() == nil {
		return time.Time{}
	}
	return req.GetSinceTime().AsTime()
}

// logSession is what a resumed stream must know of the interrupted one: the request that resumes does not repeat it.
// Nothing is kept for it in the server, so a session can be resumed for as long as the log is kept, after a restart too.
type logSession struct {
	sandboxID  string
	timestamps bool
}

const timestampsSuffix = "+timestamps"

// String is the session's id: the sandbox's, followed by timestampsSuffix where lines start with their time.
func (s logSession) String() string {
	if s.timestamps {
		return s.sandboxID + timestampsSuffix
	}
	return s.sandboxID
}
