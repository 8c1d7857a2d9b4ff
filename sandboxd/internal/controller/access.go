package controller

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// mayRun wants the RUN scope on the caller's key; every method of the Controller asks it first.
func mayRun(caller identity.Caller) error {
	if !caller.HasScope(identity.ScopeRun) {
		return errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "this API key may not be used for sandboxes: it lacks the scope RUN")
	}
	return nil
}

// workingTeam is the team that a request means: the named one, else the key's own. Which teams exist is not told to those
// who are in none of them.
func workingTeam(caller identity.Caller, team string) (string, error) {
	if err := mayRun(caller); err != nil {
		return "", err
	}
	if team == "" {
		team = caller.Team
	}
	if team == "" {
		return "", errdefs.InvalidField("parent", "name a team: this API key belongs to none")
	}
	if !caller.MemberOf(team) {
		return "", errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "the caller may not use team %q", team)
	}
	return team, nil
}

// find returns the sandbox that ref names, if the caller may see it, and its live part, nil where it has ended. Whether a
// sandbox is another team's or does not exist at all looks the same.
func (c *Controller) find(ctx context.Context, caller identity.Caller, ref Ref) (sandbox.Sandbox, *live, error) {
	if err := mayRun(caller); err != nil {
		return sandbox.Sandbox{}, nil, err
	}
	s := c.findLive(ref.ID)
	var sb sandbox.Sandbox
	if s != nil {
		sb = s.snapshot()
	} else {
		var err error
		if sb, err = c.Store.Get(ctx, ref.ID); err != nil {
			return sandbox.Sandbox{}, nil, err
		}
	}
	if !caller.MemberOf(sb.Team) || ref.Team != "" && ref.Team != sb.Team {
		return sandbox.Sandbox{}, nil, errNotFound(ref.ID)
	}
	return sb, s, nil
}

// findRunning is find for what needs the sandbox's agent. The errors are FailedPrecondition
// (SANDBOX_NOT_RUNNING) and PermissionDenied (SANDBOX_PRIVATE).
func (c *Controller) findRunning(ctx context.Context, caller identity.Caller, ref Ref) (*live, error) {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	if err := mayLookInto(caller, sb); err != nil {
		return nil, err
	}
	if s == nil || sb.State != sandbox.Running {
		return nil, errNotRunning(sb)
	}
	return s, nil
}

// mayLookInto wants the creator of a sandbox that holds a restricted secret, or an owner of the team, who has every right
// to every secret. The creator is who has the key that made it, or another one that only the creator and owners can have.
// The error is PermissionDenied (SANDBOX_PRIVATE).
func mayLookInto(caller identity.Caller, sb sandbox.Sandbox) error {
	switch {
	case sb.PrivateTo == "", sb.PrivateTo == caller.APIKeyID:
	case caller.Personal && caller.UserID == sb.Creator:
	case caller.Teams[sb.Team] == identity.RoleOwner:
	default:
		return errdefs.New(errdefs.PermissionDenied, "SANDBOX_PRIVATE",
			"sandbox %s holds a restricted secret: only %s, who made it, and owners of team %s can look into it", sb.ID, sb.Creator, sb.Team)
	}
	return nil
}

func errNotFound(id string) error {
	return errdefs.New(errdefs.NotFound, "SANDBOX_NOT_FOUND", "there is no sandbox %q", id)
}

func errNotRunning(sb sandbox.Sandbox) error {
	e := errdefs.New(errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING", "sandbox %s is %s, not RUNNING", sb.ID, sb.State)
	if sb.Reason != "" {
		e.Message += " (" + sb.Reason + ")"
	}
	return e.WithMetadata("state", string(sb.State))
}
