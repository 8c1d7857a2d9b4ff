package cmd

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func TestLogsWithTimestamps(t *testing.T) {
	h := startHost(t)
	const out, errs = sandboxv1.LogStream_LOG_STREAM_STDOUT, sandboxv1.LogStream_LOG_STREAM_STDERR
	for i, p := range []struct {
		stream sandboxv1.LogStream
		data   string
		lost   uint64
	}{
		{out, "one\ntw", 0}, {errs, "an error\n", 0}, {out, "o\n\nhalf", 0}, {out, "whole\nno end", 7}, {errs, "cut", 0}, {errs, "next\n", 9},
	} {
		h.log = append(h.log, &sandboxv1.StreamLogsResponse{
			Data: []byte(p.data), Stream: p.stream, LostBytes: p.lost, Time: timestamppb.New(time.Date(2026, 1, 2, 3, 4, i, 5000, time.UTC)),
		})
	}
	const at = "2026-01-02T03:04:"
	want := result{0,
		at + "00.000005Z one\n" + at + "00.000005Z two\n" + at + "02.000005Z \n" + at + "02.000005Z half" + at + "03.000005Z whole\n" + at + "03.000005Z no end",
		at + "01.000005Z an error\ncasemate: warning: 7 bytes of output are missing here\n" +
			at + "04.000005Z cut\ncasemate: warning: 9 bytes of output are missing here\n" + at + "05.000005Z next\n",
	}
	if got := commandLine(t, "", "logs", "--timestamps", "sb-1"); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	want = result{0, "one\ntwo\n\nhalfwhole\nno end",
		"an error\ncasemate: warning: 7 bytes of output are missing here\ncut\ncasemate: warning: 9 bytes of output are missing here\nnext\n"}
	if got := commandLine(t, "", "logs", "sb-1"); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
