package daemon_test

import (
	"errors"
	"io"
	"testing"

	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
)

// logsEntries returns what a log stream of the SDK's API sent until it ended: the data, its error's
// code, and the last entry with data.
func logsEntries(t *testing.T, stream coreweavev1.SandboxService_StreamLogsClient) (data, code string, last *coreweavev1.LogEntry) {
	t.Helper()
	for {
		entry, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return data, code, last
		}
		if err != nil {
			t.Fatal(err)
		}
		if e := entry.GetError(); e != nil {
			code = e.GetCode()
			continue
		}
		data += string(entry.GetData())
		last = entry
	}
}

// The codes are what the SDK acts by: it starts anew, resumes, or gives up.
func TestSDKLogSessions(t *testing.T) {
	e := start(t)
	api := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	sb := e.run(script("echo one; echo two; while [ ! -e /go ]; do sleep 0.01; done; echo three"))
	waitForLog(e, sb.GetName(), "two\n")
	open := func(req *coreweavev1.StreamLogsRequest) coreweavev1.SandboxService_StreamLogsClient {
		t.Helper()
		req.SandboxId = idOf(sb)
		stream, err := api.StreamLogs(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return stream
	}
	follow := open(&coreweavev1.StreamLogsRequest{Follow: true})
	first, err := follow.Recv()
	if err != nil || first.GetLogSessionId() == "" || first.GetNextLogOffset() == 0 {
		t.Fatalf("%v, %v", first, err)
	}
	e.Stop()
	data, code, last := logsEntries(t, follow)
	if last == nil {
		last = first
	}
	if got := string(first.GetData()) + data; got != "one\ntwo\n" || code != "STREAM_INTERRUPTED" {
		t.Errorf("when sandboxd stops: %q, %s", got, code)
	}
	e.Restart()
	resume := &coreweavev1.StreamLogsRequest{Follow: true, ResumeLogSessionId: last.GetLogSessionId(), ResumeLogOffset: last.GetNextLogOffset()}
	follow = open(resume)
	logsLater(e, sb.GetName(), "/go")
	if data, code, last = logsEntries(t, follow); data != "three\n" || code != "" {
		t.Errorf("resumed: %q, %s", data, code)
	}
	resume.ResumeLogOffset = last.GetNextLogOffset() + 1
	if data, code, _ = logsEntries(t, open(resume)); data != "" || code != "INVALID_RESUME_OFFSET" {
		t.Errorf("behind the end: %q, %s", data, code)
	}
	resume.ResumeLogSessionId = "another"
	if data, code, _ = logsEntries(t, open(resume)); data != "" || code != "SESSION_NOT_FOUND" {
		t.Errorf("another session: %q, %s", data, code)
	}
}
