package store_test

import (
	"slices"
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

// TestStoriesOfFailedCreationsAreBounded: who asks again and again for what can't be made fills no disk, and pushes out nothing that
// another team has.
func TestStoriesOfFailedCreationsAreBounded(t *testing.T) {
	s := fresh(t)
	event := sandbox.Event{Time: time.Unix(1000, 0), Kind: sandbox.EventUndone}
	stories := []store.Story{{Sandbox: sandbox.Sandbox{ID: "sb-blue", Team: "blue"}, Events: []sandbox.Event{event, event}}}
	for _, id := range []string{"sb-1", "sb-2", "sb-3", "sb-4"} {
		stories = append(stories, store.Story{Sandbox: sandbox.Sandbox{ID: id, Team: "red"}, Events: []sandbox.Event{event, event}})
	}
	if err := s.AppendEvents(t.Context(), stories); err != nil {
		t.Fatal(err)
	}
	kept := func(perTeam int) (ids []string) {
		t.Helper()
		if _, err := s.PruneEnded(t.Context(), time.Unix(0, 0), perTeam); err != nil {
			t.Fatal(err)
		}
		for _, team := range []string{"red", "blue"} {
			events, _, err := s.Events(t.Context(), store.EventFilter{Team: team, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				ids = append(ids, e.SandboxID)
			}
		}
		return slices.Compact(ids)
	}
	if got := kept(0); len(got) != 5 {
		t.Errorf("without a bound these are kept: %v", got)
	}
	if got := kept(2); !slices.Equal(got, []string{"sb-3", "sb-4", "sb-blue"}) {
		t.Errorf("of 2 a team these are kept: %v", got)
	}
}

// TestExtensionsInARow: a program that extends for ever pushes nothing out, and who reads on after a sequence sees the last.
func TestExtensionsInARow(t *testing.T) {
	s := fresh(t)
	sb := sandbox.Sandbox{ID: "sb-1", Team: "red"}
	extended := func(actor, detail string) sandbox.Event {
		return sandbox.Event{Time: time.Unix(1, 0), Kind: sandbox.EventExtended, Actor: actor, Detail: detail}
	}
	other := store.Story{Sandbox: sandbox.Sandbox{ID: "sb-2", Team: "red"}, Events: []sandbox.Event{extended("ada", "other")}}
	if err := s.AppendEvents(t.Context(), []store.Story{
		{Sandbox: sb, Events: []sandbox.Event{{Time: time.Unix(1, 0), Kind: sandbox.EventRunning}, extended("ada", "1"), extended("ada", "2")}},
		other,
		{Sandbox: sb, Events: []sandbox.Event{extended("ada", "3"), extended("bob", "4"), extended("ada", "5")}},
	}); err != nil {
		t.Fatal(err)
	}
	events, _, err := s.Events(t.Context(), store.EventFilter{Team: "red", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.SandboxID+" "+e.Detail)
	}
	if want := []string{"sb-1 ", "sb-2 other", "sb-1 3", "sb-1 4", "sb-1 5"}; !slices.Equal(got, want) || events[2].Sequence <= events[1].Sequence {
		t.Errorf("events %q, want %q", got, want)
	}
}
