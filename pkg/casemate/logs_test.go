package casemate_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/casemate"
)

// A followed log goes on over a stop and a start of sandboxd, whatever was asked for at first.
func TestLogsGoOnOverARestart(t *testing.T) {
	e := start(t)
	s := e.run(t, casemate.RunOptions{Command: []string{"sh", "-c", `echo zero; for i in 1 2 3; do echo before $i; while [ ! -e /go$i ]; do sleep 0.01; done; done; echo after`}})
	for range s.Logs(t.Context(), casemate.LogOptions{Follow: true}) {
		break // zero is there
	}
	var got strings.Builder
	part := ""
	for piece, err := range s.Logs(t.Context(), casemate.LogOptions{Follow: true, Tail: 100}) {
		if err != nil {
			t.Fatalf("%v after %q", err, &got)
		}
		got.Write(piece.GetData())
		_, now, _ := strings.Cut(got.String(), "before ")
		if last := now[strings.LastIndexByte(now, ' ')+1:]; last != part && strings.HasSuffix(last, "\n") && len(last) == 2 {
			part = last
			e.Restart()
			// Later, so that the sandbox's end does not cut this call off.
			if _, err := s.Output(t.Context(), "sh", "-c", "(sleep 0.2; touch /go"+strings.TrimSpace(part)+") >/dev/null 2>&1 &"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := "zero\nbefore 1\nbefore 2\nbefore 3\nafter\n"; got.String() != want {
		t.Errorf("followed: %q, want %q", &got, want)
	}
	var offset uint64
	for piece := range s.Logs(t.Context(), casemate.LogOptions{}) {
		offset = piece.GetNextOffset()
	}
	if offset != uint64(got.Len()) {
		t.Errorf("the end is at %d, want %d", offset, got.Len())
	}
	for piece, err := range s.Logs(t.Context(), casemate.LogOptions{Offset: offset - 6}) {
		if err != nil || string(piece.GetData()) != "after\n" {
			t.Errorf("by offset: %v, %v", piece, err)
		}
	}
}
