package rpc

import (
	"context"
	"net/netip"
	"slices"
	"strconv"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) CreateSecretGrant(
	ctx context.Context, req *secretsv1.CreateSecretGrantRequest,
) (*secretsv1.CreateSecretGrantResponse, error) {
	team, name, err := parseSecret("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	g, err := parseGrant(req.GetGrant())
	if err != nil {
		return nil, err
	}
	made, err := s.core.CreateGrant(ctx, caller(ctx), team, name, g)
	if err != nil {
		return nil, err
	}
	return &secretsv1.CreateSecretGrantResponse{Grant: toGrant(team, name, made)}, nil
}

func (s *server) DeleteSecretGrant(
	ctx context.Context, req *secretsv1.DeleteSecretGrantRequest,
) (*secretsv1.DeleteSecretGrantResponse, error) {
	n, err := resource.ParseSecretGrant("name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.DeleteGrant(ctx, caller(ctx), n.Team, n.Secret, n.Grant); err != nil {
		return nil, err
	}
	return &secretsv1.DeleteSecretGrantResponse{}, nil
}

func (s *server) ListSecretGrants(
	ctx context.Context, req *secretsv1.ListSecretGrantsRequest,
) (*secretsv1.ListSecretGrantsResponse, error) {
	team, name, err := parseSecret("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	list, err := s.core.ListGrants(ctx, caller(ctx), team, name)
	if err != nil {
		return nil, err
	}
	return &secretsv1.ListSecretGrantsResponse{
		Grants: toAll(list, func(g secret.Grant) *secretsv1.SecretGrant { return toGrant(team, name, g) }),
	}, nil
}

// parseGrant takes a grant that the rules of the .proto files have checked.
func parseGrant(in *secretsv1.SecretGrant) (secret.Grant, error) {
	g := secret.Grant{UserID: in.GetUserId(), Role: fromRole(in.GetRole())}
	if _, user := in.GetPrincipal().(*secretsv1.SecretGrant_UserId); user {
		if err := resource.CheckUser("grant.user_id", g.UserID); err != nil {
			return g, err
		}
	}
	for _, r := range in.GetRights() {
		g.Rights = append(g.Rights, fromRight(r))
	}
	if t := in.GetExpireTime(); t != nil {
		if err := t.CheckValid(); err != nil {
			return g, errdefs.InvalidField("grant.expire_time", "is no time")
		}
		g.ExpireTime = t.AsTime()
	}
	var err error
	if g.Conditions, err = parseConditions(in.GetConditions()); err != nil {
		return g, err
	}
	if g.Conditions.OfSandboxes() && !slices.Equal(g.Rights, []secret.Right{secret.RightUse}) {
		return g, errdefs.InvalidField("grant.conditions",
			"workloads, images and networks are about sandboxes: they go with the right USE alone; give the others in another grant")
	}
	return g, nil
}

func parseConditions(in *secretsv1.GrantConditions) (c secret.Conditions, err error) {
	for i, s := range in.GetWorkloads() {
		if _, err := identity.ParseWorkloadID(s); err != nil {
			return c, errdefs.InvalidField(at("workloads", i), "must be a SPIFFE ID such as spiffe://casemate.local/sandboxd")
		}
		c.Workloads = append(c.Workloads, s)
	}
	for i, s := range in.GetImages() {
		image, ok := secret.ParseImagePattern(s)
		if !ok {
			return c, errdefs.InvalidField(at("images", i),
				"must be an image such as python:3.11 or python@sha256:…, a repository such as python:*, or a path such as registry.example.com/team/*")
		}
		c.Images = append(c.Images, image)
	}
	for _, n := range in.GetNetworks() {
		c.Networks = append(c.Networks, networks[n])
	}
	for i, s := range in.GetSources() {
		p, err := netip.ParsePrefix(s)
		if err != nil || p != p.Masked() || p.Addr().Is4In6() {
			return c, errdefs.InvalidField(at("sources", i), "must be a block of addresses such as 10.1.0.0/16 or 2001:db8::/32")
		}
		c.Sources = append(c.Sources, p)
	}
	return c, nil
}

func at(list string, i int) string { return "grant.conditions." + list + "[" + strconv.Itoa(i) + "]" }
