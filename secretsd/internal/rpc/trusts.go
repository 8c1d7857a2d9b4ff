package rpc

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) CreateOIDCTrust(
	ctx context.Context, req *secretsv1.CreateOIDCTrustRequest,
) (*secretsv1.CreateOIDCTrustResponse, error) {
	t, err := parseTrust(req)
	if err != nil {
		return nil, err
	}
	if t, err = s.core.CreateOIDCTrust(ctx, caller(ctx), t); err != nil {
		return nil, err
	}
	return &secretsv1.CreateOIDCTrustResponse{Trust: toTrust(t)}, nil
}

func parseTrust(req *secretsv1.CreateOIDCTrustRequest) (t secret.OIDCTrust, err error) {
	in := req.GetTrust()
	t = secret.OIDCTrust{
		ID: req.GetTrustId(), Issuer: in.GetIssuer(), Audience: in.GetAudience(), Subject: in.GetSubject(),
		UserID: in.GetUserId(), Scopes: fromScopes(in.GetScopes()), MaxTTL: time.Duration(in.GetMaxTtlSeconds()) * time.Second,
		Reusable: in.GetReusableTokens(), Description: in.GetDescription(),
	}
	if t.Team, err = parseTeam("parent", req.GetParent()); err != nil {
		return t, err
	}
	if t.MaxTTL == 0 {
		t.MaxTTL = secret.MaxExchangedTTL
	}
	for _, check := range []func() error{
		func() error { return resource.CheckOIDCTrust("trust_id", t.ID) },
		func() error { return resource.CheckUser("trust.user_id", t.UserID) },
		func() error { return secret.CheckDescription("trust.description", t.Description) },
		func() error { return secret.CheckPattern("trust.subject", t.Subject) },
		func() (err error) { t.Claims, err = parseClaims(in.GetClaims()); return err },
		func() error {
			if t.MaxTTL < secret.MinExchangedTTL {
				return errdefs.InvalidField("trust.max_ttl_seconds", "is less than %d", int64(secret.MinExchangedTTL/time.Second))
			}
			return nil
		},
	} {
		if err := check(); err != nil {
			return t, err
		}
	}
	return t, nil
}

func parseClaims(list []*secretsv1.ClaimCondition) (map[string]string, error) {
	claims := make(map[string]string, len(list))
	for i, c := range list {
		field := fmt.Sprintf("trust.claims[%d].claim", i)
		if err := secret.CheckClaimPath(field, c.GetClaim()); err != nil {
			return nil, err
		}
		if _, twice := claims[c.GetClaim()]; twice {
			return nil, errdefs.InvalidField(field, "is named twice")
		}
		claims[c.GetClaim()] = c.GetPattern()
	}
	return claims, nil
}

func (s *server) ListOIDCTrusts(
	ctx context.Context, req *secretsv1.ListOIDCTrustsRequest,
) (*secretsv1.ListOIDCTrustsResponse, error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/oidcTrusts"
	after, err := pageStart(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListOIDCTrusts(ctx, caller(ctx), team, after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListOIDCTrustsResponse{Trusts: toAll(list, toTrust)}
	if more {
		resp.NextPageToken = pageToken(listName, list[len(list)-1].ID)
	}
	return resp, nil
}

func (s *server) DeleteOIDCTrust(
	ctx context.Context, req *secretsv1.DeleteOIDCTrustRequest,
) (*secretsv1.DeleteOIDCTrustResponse, error) {
	n, err := resource.ParseOIDCTrust("name", req.GetName())
	if err != nil {
		return nil, err
	}
	revoked, err := s.core.DeleteOIDCTrust(ctx, caller(ctx), n.Team, n.Trust)
	if err != nil {
		return nil, err
	}
	return &secretsv1.DeleteOIDCTrustResponse{RevokedKeys: int32(revoked)}, nil
}

// ExchangeToken is the one rpc whose credential is in the request. It is throttled like those of the others.
func (s *server) ExchangeToken(
	ctx context.Context, req *secretsv1.ExchangeTokenRequest,
) (*secretsv1.ExchangeTokenResponse, error) {
	n, err := resource.ParseOIDCTrust("name", req.GetName())
	if err != nil {
		return nil, err
	}
	var (
		record secret.APIKey
		key    apikey.Key
	)
	peer := grpcserver.PeerID(ctx)
	// Without a subject: a trust's name is public, and wrong tokens for it must not be told from others.
	attempt := throttle.Attempt{Source: source(ctx, s.core, peer), Credential: sha256.Sum256([]byte(req.GetToken()))}
	err = guarded(s.core, peer, s.guesses, attempt, func() (err error) {
		ttl := time.Duration(min(req.GetTtlSeconds(), int64(secret.MaxExchangedTTL/time.Second))) * time.Second
		record, key, err = s.core.ExchangeToken(ctx, peer, n.Team, n.Trust, req.GetToken(), ttl)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &secretsv1.ExchangeTokenResponse{ApiKey: toAPIKey(n.Team, record), Key: key.Reveal()}, nil
}

func toTrust(t secret.OIDCTrust) *secretsv1.OIDCTrust {
	var claims []*secretsv1.ClaimCondition
	for _, name := range slices.Sorted(maps.Keys(t.Claims)) {
		claims = append(claims, &secretsv1.ClaimCondition{Claim: name, Pattern: t.Claims[name]})
	}
	return &secretsv1.OIDCTrust{
		Name: secret.TrustName(t.Team, t.ID), Issuer: t.Issuer, Audience: t.Audience, Subject: t.Subject, Claims: claims,
		UserId: t.UserID, Scopes: toAll(t.Scopes, toScope), MaxTtlSeconds: int64(t.MaxTTL / time.Second),
		ReusableTokens: t.Reusable, Description: t.Description, CreateTime: toTime(t.CreateTime),
	}
}
