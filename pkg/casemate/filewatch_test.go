package casemate_test

import (
	"context"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

func TestWatch(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	if err := s.MakeDirectory(t.Context(), "/w/sub", 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := s.Watch(t.Context(), "/nope", false)
	wantError(t, err, codes.NotFound, "FILE_NOT_FOUND")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes, err := s.Watch(ctx, "/w", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Output(t.Context(), "sh", "-c", ": > /w/sub/a; mv /w/sub/a /w/b; rm /w/b"); err != nil {
		t.Fatal(err)
	}
	type change struct {
		kind      sandboxv1.FileEventType
		path, old string
	}
	want := []change{
		{sandboxv1.FileEventType_FILE_EVENT_TYPE_CREATED, "sub/a", ""}, {sandboxv1.FileEventType_FILE_EVENT_TYPE_MOVED, "b", "sub/a"},
		{sandboxv1.FileEventType_FILE_EVENT_TYPE_REMOVED, "b", ""},
	}
	for c, err := range changes {
		if err != nil {
			if len(want) > 0 || status.Code(err) != codes.Canceled {
				t.Errorf("%v, and not %v", err, want)
			}
			break
		}
		if got := (change{c.GetType(), c.GetPath(), c.GetOldPath()}); len(want) == 0 || got != want[0] {
			t.Fatalf("%v, want %v", got, want)
		}
		if want = want[1:]; len(want) == 0 {
			cancel()
		}
	}

	// The sandbox's end ends it.
	changes, err = s.Watch(t.Context(), "/w", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, err := range changes {
		wantError(t, err, codes.FailedPrecondition, "SANDBOX_NOT_RUNNING")
	}
	_, err = s.Watch(t.Context(), "/w", false)
	wantError(t, err, codes.FailedPrecondition, "SANDBOX_NOT_RUNNING")
}
