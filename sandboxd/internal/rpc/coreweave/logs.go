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
	lines := logLines{send: stream.Send}
	if id := req.GetResumeLogSessionId(); id != "" {
		if session.timestamps = strings.HasSuffix(id, timestampsSuffix); id != session.String() {
			return stream.Send(logError("SESSION_NOT_FOUND", "the log session is none of this sandbox's"))
		}
		logs.Offset, lines.resumed = req.GetResumeLogOffset(), true
	} else {
		logs.TailLines = int(req.GetTailLines())
		logs.Since = since(req)
	}
	lines.session, lines.timestamps = session.String(), session.timestamps

	err = s.core.Logs(ctx, caller, ref, logs, lines.add)
	switch reason := errdefs.ReasonOf(err); {
	case err == nil:
		return lines.flush()
	case reason == "LOG_OFFSET_INVALID":
		return stream.Send(logError("INVALID_RESUME_OFFSET", err.Error()))
	case reason == "SANDBOXD_STOPPING" && logs.Follow:
		return stream.Send(logError("STREAM_INTERRUPTED", err.Error()))
	default:
		return toStatus(err)
	}
}

// logError ends a stream with a code that tells the SDK what to do: it looks for these codes there, in the stream.
func logError(code, message string) *sandboxv1.LogEntry {
	return &sandboxv1.LogEntry{Error: &sandboxv1.LogStreamError{Code: code, Message: message}}
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
