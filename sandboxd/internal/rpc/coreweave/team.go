package coreweave

import (
	"context"
	"maps"
	"slices"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// entityHeader names the team of a call. The SDK sends it in its W&B modes, from WANDB_ENTITY or the like.
const entityHeader = "x-entity-id"

// callerAndTeam says who calls and in which team the call works: the one that the entity header names, if the key acts in
// it, or else the key's home. Team names may be compared with the key's teams only: whether any other exists is not told.
func callerAndTeam(ctx context.Context) (identity.Caller, string, error) {
	caller, ok := identity.FromContext(ctx)
	if !ok {
		return identity.Caller{}, "", errdefs.New(errdefs.Unauthenticated, "API_KEY_MISSING", "the call carries no API key")
	}
	entity := entityOf(ctx)
	switch {
	case entity == "" && caller.Team == "":
		return identity.Caller{}, "", errdefs.New(errdefs.PermissionDenied, "TEAM_MISSING",
			"this API key belongs to no team: use a team's key, or name a team you are a member of in WANDB_ENTITY%s", memberships(caller))
	case entity == "":
		return caller, caller.Team, nil
	case !caller.MemberOf(entity):
		return identity.Caller{}, "", errdefs.New(errdefs.PermissionDenied, "TEAM_DENIED",
			"this API key does not act in the team %q that the call names as its entity (%s): correct or unset WANDB_ENTITY%s",
			entity, entityHeader, memberships(caller))
	default:
		return caller, entity, nil
	}
}

func entityOf(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	for _, v := range md.Get(entityHeader) {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

func memberships(c identity.Caller) string {
	if len(c.Teams) == 0 {
		return ""
	}
	return " (the key's teams: " + strings.Join(slices.Sorted(maps.Keys(c.Teams)), ", ") + ")"
}
