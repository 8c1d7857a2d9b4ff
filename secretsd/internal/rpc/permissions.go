package rpc

import (
	"context"
	"slices"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/authz"
)

func (s *server) TestPermissions(
	ctx context.Context, req *secretsv1.TestPermissionsRequest,
) (*secretsv1.TestPermissionsResponse, error) {
	n, all := resource.Secret{}, authz.TeamActions
	team, err := parseTeam("resource", req.GetResource())
	if err == nil {
		n.Team = team
	} else if n, err = resource.ParseSecret("resource", req.GetResource()); err != nil {
		return nil, errdefs.InvalidField("resource", "must be of the form teams/{team} or teams/{team}/secrets/{secret}")
	}
	if n.Secret != "" {
		all = authz.SecretActions
	}
	asked := all
	if len(req.GetPermissions()) > 0 {
		asked = toAll(req.GetPermissions(), func(p string) authz.Action { return authz.Action(p) })
	}
	for i, a := range asked {
		if !slices.Contains(all, a) { // it is not repeated: it may be a value in the wrong place
			return nil, errdefs.InvalidField("permissions", "number %d is no action on this resource; there are %v", i+1, all)
		}
	}
	allowed, conditional, err := s.core.TestPermissions(ctx, caller(ctx), n.Team, n.Secret, asked)
	if err != nil {
		return nil, err
	}
	text := func(a authz.Action) string { return string(a) }
	return &secretsv1.TestPermissionsResponse{
		Permissions: toAll(allowed, text), ConditionalPermissions: toAll(conditional, text),
	}, nil
}
