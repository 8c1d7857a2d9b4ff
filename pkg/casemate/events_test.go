package casemate_test

import (
	"slices"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

// TestEventsAreFollowed: who follows sees what happened before and what comes, until the sandbox has ended.
func TestEventsAreFollowed(t *testing.T) {
	e := start(t)
	s := e.run(t, casemate.RunOptions{Command: []string{"sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done"}})
	var kinds []sandboxv1.SandboxEventKind
	var after int64
	stopped := make(chan error, 1)
	for ev, err := range s.Events(t.Context(), casemate.EventOptions{Follow: true}) {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, ev.GetKind())
		if ev.GetKind() == sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_RUNNING {
			after = ev.GetSequence()
			go func() { stopped <- s.Stop(t.Context()) }()
		}
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	want := []sandboxv1.SandboxEventKind{
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_CREATED,
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_IMAGE_READY,
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_MAIN_STARTED,
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_RUNNING,
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_STOP_ORDERED,
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_STOPPING,
		sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_ENDED,
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
	later := 0
	for _, err := range e.client.Sandbox(casemate.AllSandboxes).Events(t.Context(), casemate.EventOptions{After: after}) {
		if err != nil {
			t.Fatal(err)
		}
		later++
	}
	if later != 3 {
		t.Errorf("after RUNNING there are %d events of all sandboxes, want 3", later)
	}
}
