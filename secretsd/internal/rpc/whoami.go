package rpc

import (
	"context"
	"maps"
	"slices"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// WhoAmI makes no call into the core: authentication has found out all there is to say.
func (s *server) WhoAmI(ctx context.Context, _ *secretsv1.WhoAmIRequest) (*secretsv1.WhoAmIResponse, error) {
	c := caller(ctx)
	resp := &secretsv1.WhoAmIResponse{
		UserId: c.UserID, Scopes: toAll(c.Scopes, toScope), Operator: c.Operator, ApiKeyId: c.APIKeyID,
		Personal: c.Personal,
	}
	if c.Team != "" {
		resp.Team = secret.TeamName(c.Team)
	}
	for _, team := range slices.Sorted(maps.Keys(c.Teams)) {
		resp.Memberships = append(resp.Memberships, &secretsv1.Membership{
			Team: secret.TeamName(team), Role: toRole(c.Teams[team]),
		})
	}
	return resp, nil
}
