package controller

import (
	"context"
	"slices"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

var notEnded = slices.DeleteFunc(sandbox.States(), sandbox.State.Ended)

// List returns one page of a team's sandboxes, newest first.
func (c *Controller) List(ctx context.Context, caller identity.Caller, req ListRequest) (ListResult, error) {
	team, err := workingTeam(caller, req.Team)
	if err != nil {
		return ListResult{}, err
	}
	states := req.States
	if len(states) == 0 && !req.ShowEnded {
		states = notEnded
	}
	page, next, err := c.Store.List(ctx, store.Filter{
		Team: team, Tags: req.Tags, States: states, Limit: pageSize(req.PageSize), PageToken: req.PageToken,
	})
	if err != nil {
		return ListResult{}, err
	}
	for i := range page {
		page[i] = c.shown(page[i])
	}
	return ListResult{Sandboxes: page, NextPageToken: next}, nil
}

func pageSize(asked int) int {
	if asked <= 0 {
		return defaultPageSize
	}
	return min(asked, maxPageSize)
}
