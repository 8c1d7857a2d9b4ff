package store_test

import (
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
)

// TestEventsAreBounded: the newest of each sandbox are kept, and no other's make room for them.
func TestEventsAreBounded(t *testing.T) {
	s := fresh(t)
	quiet, busy := sandbox.Sandbox{ID: "sb-quiet", Team: "red"}, sandbox.Sandbox{ID: "sb-busy", Team: "red"}
	event := sandbox.Event{Time: time.Unix(1, 0), Kind: sandbox.EventAdopted}
	stories := []store.Story{{Sandbox: quiet, Events: []sandbox.Event{event}}}
	for range sandbox.MaxEvents + 10 {
		stories = append(stories, store.Story{Sandbox: busy, Events: []sandbox.Event{event}})
	}
	if err := s.AppendEvents(t.Context(), stories); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{"sb-quiet": 1, "sb-busy": sandbox.MaxEvents} {
		events, next, err := s.Events(t.Context(), store.EventFilter{Team: "red", SandboxID: id, Limit: 1000})
		if err != nil || next != "" || len(events) != want {
			t.Errorf("%s has %d events and a next page %q (%v), want %d", id, len(events), next, err, want)
		}
	}
	if events, _, _ := s.Events(t.Context(), store.EventFilter{Team: "red", SandboxID: "sb-busy", Limit: 1}); events[0].Sequence != 12 {
		t.Errorf("the oldest that is kept is %d", events[0].Sequence)
	}
	if events, _, _ := s.Events(t.Context(), store.EventFilter{Team: "blue", SandboxID: "sb-busy", Limit: 1}); len(events) > 0 {
		t.Error("another team sees them")
	}
}
