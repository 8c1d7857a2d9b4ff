package casemate

import (
	"context"
	"iter"
	"strings"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// followEvery is the time between two questions for new events.
const followEvery = 500 * time.Millisecond

// EventOptions say which events to list. The zero value is all that are kept.
type EventOptions struct {
	// Follow goes on with what happens later, until the sandbox ended or, with AllSandboxes, ctx does.
	Follow bool
	// After leaves out events up to this sequence. 0: none.
	After int64
}

// AllSandboxes in place of a sandbox's id stands for all sandboxes of a team: c.Sandbox("teams/ml/sandboxes/-").Events lists
// what happened to any of them, those that could not be made too.
const AllSandboxes = "-"

// Events lists what happened to the sandbox, the oldest first. It ends after the first error.
func (s *Sandbox) Events(ctx context.Context, o EventOptions) iter.Seq2[*sandboxv1.SandboxEvent, error] {
	return func(yield func(*sandboxv1.SandboxEvent, error) bool) {
		req := &sandboxv1.ListSandboxEventsRequest{Parent: s.Name, PageSize: 1000, AfterSequence: o.After}
		for {
			page, err := s.api.ListSandboxEvents(ctx, req)
			if err != nil {
				yield(nil, err)
				return
			}
			over := false
			for _, e := range page.GetEvents() {
				if !yield(e, nil) {
					return
				}
				req.AfterSequence = e.GetSequence()
				over = last(e.GetKind())
			}
			if page.GetNextPageToken() != "" {
				continue // after the last of this page
			}
			if !o.Follow || over && !strings.HasSuffix(s.Name, "/"+AllSandboxes) {
				return
			}
			select {
			case <-time.After(followEvery):
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
		}
	}
}

// last says that nothing happens to a sandbox after an event of this kind.
func last(kind sandboxv1.SandboxEventKind) bool {
	return kind == sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_ENDED || kind == sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_UNDONE
}
