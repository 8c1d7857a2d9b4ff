package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
)

// story is what happened to a sandbox and is not recorded yet. It goes to the disk with the next change of its state, so that
// an event costs no write of its own. Single execs are no events: thousands would push out what matters.
type story struct {
	mu     sync.Mutex
	events []sandbox.Event
}

// note adds an event. actor is a user id, empty for sandboxd itself.
func (c *Controller) note(s *live, kind sandbox.EventKind, actor, detail string) {
	s.story.mu.Lock()
	defer s.story.mu.Unlock()
	if len(s.story.events) < sandbox.MaxEvents {
		s.story.events = append(s.story.events, sandbox.Event{Time: c.Now().UTC(), Kind: kind, Actor: actor, Detail: detail})
	}
}

// take returns what is not recorded yet, for whoever is about to. What could not be recorded is given back with putBack.
func (s *story) take() []sandbox.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.events
	s.events = nil
	return events
}

func (s *story) putBack(events []sandbox.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(events, s.events...)
}

// update records a change of a live sandbox with its events. with is one that is told only if the change is.
func (c *Controller) update(ctx context.Context, s *live, sb sandbox.Sandbox, with ...sandbox.Event) error {
	events := s.story.take()
	err := c.Store.Update(ctx, sb, append(slices.Clone(events), with...)...)
	if err != nil {
		s.story.putBack(events)
	}
	return err
}

// recordAdoptions records in one commit what happened to the sandboxes that were taken up.
func (c *Controller) recordAdoptions(ctx context.Context) error {
	var stories []store.Story
	for _, s := range c.allLive() {
		if events := s.story.take(); len(events) > 0 {
			stories = append(stories, store.Story{Sandbox: s.snapshot(), Events: events})
		}
	}
	return c.Store.AppendEvents(ctx, stories)
}

// versionNames is the detail of EventSecretsResolved.
func versionNames(values resolve.Values) string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.Version
	}
	return strings.Join(names, ", ")
}

// maxWhy is how much of an error's words an event keeps, in bytes.
const maxWhy = 1024

// whyUndone is what a caller may be told of a creation's error. Some words of it may be an image's: they are cut to a sane length and
// made text, or one event could fill an answer, and one that is no text keep all others from being listed.
func whyUndone(failed error) string {
	if e, ok := errdefs.As(failed); ok {
		if why := e.Message; len(why) > maxWhy {
			return strings.ToValidUTF8(why[:maxWhy-len("…")], "") + "…"
		}
		return strings.ToValidUTF8(e.Message, "")
	}
	if kind := errdefs.KindOf(failed); kind == errdefs.Canceled || kind == errdefs.DeadlineExceeded {
		return "the caller went away"
	}
	return "internal error"
}

// naming adds to a creation's error the sandbox that could not be made, by whose id its events are found. An internal error stays
// one: its text is for the log.
func naming(id string, failed error) error {
	e, ok := errdefs.As(failed)
	switch {
	case !ok && (errors.Is(failed, context.Canceled) || errors.Is(failed, context.DeadlineExceeded)):
		return failed
	case !ok:
		e = &errdefs.Error{Kind: errdefs.Internal}
	}
	return e.WithMetadata("sandbox", id).WithCause(failed)
}

// howEnded is the detail of EventEnded: "COMPLETED, stopped, exit code 0".
func howEnded(end ending) string {
	parts := []string{string(end.state)}
	if end.reason != "" {
		parts = append(parts, end.reason)
	}
	if end.exitCode != nil {
		parts = append(parts, fmt.Sprintf("exit code %d", *end.exitCode))
	}
	return strings.Join(parts, ", ")
}

// EventsRequest asks for one page of events, the oldest first.
type EventsRequest struct {
	// Ref names the sandbox; an empty ID means all of the team's, those that could not be made too.
	Ref Ref
	// After lists only events with a greater Sequence; 0: from the oldest that is kept.
	After int64
	// PageSize is the most to return: 0 means 100, above 1000 means 1000.
	PageSize int
	// PageToken is what the page before was returned with; empty for the first.
	PageToken string
}

// Events returns events, and the token of the next page, empty on the last. They tell no more than Get does, so the whole team may see those of a
// private sandbox. Events of a sandbox that could not be made are kept as long as records of ended ones. The error is
// NotFound (SANDBOX_NOT_FOUND).
func (c *Controller) Events(ctx context.Context, caller identity.Caller, req EventsRequest) ([]sandbox.Event, string, error) {
	team, err := c.eventTeam(ctx, caller, req.Ref)
	if err != nil {
		return nil, "", err
	}
	return c.Store.Events(ctx, store.EventFilter{Team: team, SandboxID: req.Ref.ID, After: req.After, Limit: pageSize(req.PageSize), PageToken: req.PageToken})
}

func (c *Controller) eventTeam(ctx context.Context, caller identity.Caller, ref Ref) (string, error) {
	if ref.ID == "" {
		return workingTeam(caller, ref.Team)
	}
	sb, _, err := c.find(ctx, caller, ref)
	if errdefs.KindOf(err) != errdefs.NotFound {
		return sb.Team, err
	}
	team, err := c.Store.EventTeam(ctx, ref.ID)
	if err != nil {
		return "", err
	}
	if team == "" || !caller.MemberOf(team) || ref.Team != "" && ref.Team != team {
		return "", errNotFound(ref.ID)
	}
	return team, nil
}
