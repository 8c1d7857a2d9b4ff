package daemon_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// waitForLog follows a sandbox's log until it has the text.
func waitForLog(e *env, name, text string) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second)
	defer cancel()
	stream, err := e.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: name, Follow: true})
	if err != nil {
		e.t.Fatal(err)
	}
	var seen strings.Builder
	for !strings.Contains(seen.String(), text) {
		resp, err := stream.Recv()
		if err != nil {
			e.t.Fatalf("%v; the log has %q, not %q", err, seen.String(), text)
		}
		seen.Write(resp.GetData())
	}
}

func TestLogs(t *testing.T) {
	e := start(t)
	began := time.Now()
	sb := e.run(script("echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three"))
	if got := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName(), Follow: true}); got != "one\ntwo\nthree" {
		t.Errorf("followed: %q", got)
	}
	e.wait(sb.GetName())
	for _, tc := range []struct {
		req  *sandboxv1.StreamLogsRequest
		want string
	}{
		{&sandboxv1.StreamLogsRequest{}, "one\ntwo\nthree"},
		{&sandboxv1.StreamLogsRequest{TailLines: 2}, "two\nthree"},
		{&sandboxv1.StreamLogsRequest{SinceTime: timestamppb.New(began)}, "one\ntwo\nthree"},
		{&sandboxv1.StreamLogsRequest{SinceTime: timestamppb.New(time.Now().Add(time.Minute))}, ""},
		{&sandboxv1.StreamLogsRequest{Follow: true, TailLines: 1}, "three"},
	} {
		tc.req.Name = sb.GetName()
		if got := e.logs(tc.req); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.req, got, tc.want)
		}
	}
	stream, err := e.api.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: sb.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	streams := map[string]sandboxv1.LogStream{}
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		streams[string(resp.GetData())] = resp.GetStream()
		if at := resp.GetTime().AsTime(); at.Before(began) || at.After(time.Now()) {
			t.Errorf("%q was received at %v", resp.GetData(), at)
		}
	}
	if streams["one\n"] != sandboxv1.LogStream_LOG_STREAM_STDOUT || streams["two\n"] != sandboxv1.LogStream_LOG_STREAM_STDERR {
		t.Errorf("streams: %v", streams)
	}
}

func TestLogsOfNoMainProcess(t *testing.T) {
	e := start(t)
	sb := e.run(spec())
	if got := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName(), Follow: true}); got != "" {
		t.Errorf("got %q", got)
	}
	stream, err := e.api.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: "teams/red/sandboxes/sb-none"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
}

func TestLogsTakeALot(t *testing.T) {
	e := start(t)
	sb := e.run(script("seq 1 200000"))
	got := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName(), Follow: true})
	if lines := strings.Count(got, "\n"); lines != 200000 || !strings.HasPrefix(got, "1\n2\n") || !strings.HasSuffix(got, "\n200000\n") {
		t.Errorf("%d lines, %d bytes", lines, len(got))
	}
}
