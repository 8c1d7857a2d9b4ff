package rpc

import (
	"context"
	"fmt"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) CreateAPIKey(
	ctx context.Context, req *secretsv1.CreateAPIKeyRequest,
) (*secretsv1.CreateAPIKeyResponse, error) {
	n, err := parseNewKey(req)
	if err != nil {
		return nil, err
	}
	record, key, err := s.core.CreateAPIKey(ctx, caller(ctx), n)
	if err != nil {
		return nil, err
	}
	return &secretsv1.CreateAPIKeyResponse{ApiKey: toAPIKey(n.Team, record), Key: key.Reveal()}, nil
}

func parseNewKey(req *secretsv1.CreateAPIKeyRequest) (n manager.NewAPIKey, err error) {
	n = manager.NewAPIKey{
		UserID: req.GetUserId(), Scopes: fromScopes(req.GetScopes()), Description: req.GetDescription(),
		TTL: time.Duration(req.GetTtlSeconds()) * time.Second,
	}
	if n.Team, err = parseTeam("parent", req.GetParent()); err != nil {
		return n, err
	}
	if n.UserID != "" {
		err = resource.CheckUser("user_id", n.UserID)
	}
	if err == nil {
		err = secret.CheckDescription("description", n.Description)
	}
	if err != nil {
		return n, err
	}
	for i, text := range req.GetOtherKeys() {
		key, err := apikey.Parse(text)
		if e, ok := errdefs.As(err); ok {
			return n, errdefs.InvalidField(fmt.Sprintf("other_keys[%d]", i), "%s", e.Message)
		}
		n.OtherKeys = append(n.OtherKeys, key)
	}
	return n, nil
}

func (s *server) ListAPIKeys(
	ctx context.Context, req *secretsv1.ListAPIKeysRequest,
) (*secretsv1.ListAPIKeysResponse, error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/apiKeys"
	after, err := pageStartKey(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListAPIKeys(ctx, caller(ctx), team, after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListAPIKeysResponse{ApiKeys: toAll(list, func(k secret.APIKey) *secretsv1.APIKey { return toAPIKey(team, k) })}
	if more {
		last := list[len(list)-1]
		resp.NextPageToken = pageToken(listName, fmt.Sprintf("%d.%s", last.CreateTime.UnixNano(), last.ID))
	}
	return resp, nil
}

func (s *server) RevokeAPIKey(
	ctx context.Context, req *secretsv1.RevokeAPIKeyRequest,
) (*secretsv1.RevokeAPIKeyResponse, error) {
	n, err := resource.ParseAPIKey("name", req.GetName())
	if err != nil {
		return nil, err
	}
	record, err := s.core.RevokeAPIKey(ctx, caller(ctx), n.Team, n.Key)
	if err != nil {
		return nil, err
	}
	return &secretsv1.RevokeAPIKeyResponse{ApiKey: toAPIKey(n.Team, record)}, nil
}

func (s *server) RotateAPIKey(
	ctx context.Context, req *secretsv1.RotateAPIKeyRequest,
) (*secretsv1.RotateAPIKeyResponse, error) {
	var n resource.APIKey
	if req.GetName() != "" {
		var err error
		if n, err = resource.ParseAPIKey("name", req.GetName()); err != nil {
			return nil, err
		}
	}
	r, err := s.core.RotateAPIKey(ctx, caller(ctx), n.Team, n.Key, time.Duration(req.GetOverlapSeconds())*time.Second)
	if err != nil {
		return nil, err
	}
	if n.Team == "" {
		n.Team = r.New.Team
	}
	return &secretsv1.RotateAPIKeyResponse{
		ApiKey: toAPIKey(n.Team, r.New), OldApiKey: toAPIKey(n.Team, r.Old), Key: r.Key.Reveal(),
	}, nil
}
