package rpc

import (
	"context"
	"strconv"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) AddSecretVersion(
	ctx context.Context, req *secretsv1.AddSecretVersionRequest,
) (*secretsv1.AddSecretVersionResponse, error) {
	team, name, err := parseSecret("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	value := redact.New(req.GetData())
	defer value.Wipe()
	v, err := s.core.AddSecretVersion(ctx, caller(ctx), team, name, value)
	if err != nil {
		return nil, err
	}
	return &secretsv1.AddSecretVersionResponse{Version: toVersion(team, name, v)}, nil
}

func (s *server) GetSecretVersion(
	ctx context.Context, req *secretsv1.GetSecretVersionRequest,
) (*secretsv1.GetSecretVersionResponse, error) {
	ref, err := parseVersion("name", req.GetName())
	if err != nil {
		return nil, err
	}
	v, err := s.core.GetSecretVersion(ctx, caller(ctx), ref)
	if err != nil {
		return nil, err
	}
	return &secretsv1.GetSecretVersionResponse{Version: toVersion(ref.Team, ref.Name, v)}, nil
}

func (s *server) ListSecretVersions(
	ctx context.Context, req *secretsv1.ListSecretVersionsRequest,
) (*secretsv1.ListSecretVersionsResponse, error) {
	team, name, err := parseSecret("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/versions"
	before, err := pageStartNumber(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListSecretVersions(ctx, caller(ctx), team, name, before, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListSecretVersionsResponse{
		Versions: toAll(list, func(v secret.Version) *secretsv1.SecretVersion { return toVersion(team, name, v) }),
	}
	if more {
		resp.NextPageToken = pageToken(listName, strconv.FormatInt(list[len(list)-1].Number, 10))
	}
	return resp, nil
}

func (s *server) EnableSecretVersion(
	ctx context.Context, req *secretsv1.EnableSecretVersionRequest,
) (*secretsv1.EnableSecretVersionResponse, error) {
	ref, err := parseNumberedVersion("name", req.GetName())
	if err != nil {
		return nil, err
	}
	v, err := s.core.EnableSecretVersion(ctx, caller(ctx), ref)
	if err != nil {
		return nil, err
	}
	return &secretsv1.EnableSecretVersionResponse{Version: toVersion(ref.Team, ref.Name, v)}, nil
}

func (s *server) DisableSecretVersion(
	ctx context.Context, req *secretsv1.DisableSecretVersionRequest,
) (*secretsv1.DisableSecretVersionResponse, error) {
	ref, err := parseNumberedVersion("name", req.GetName())
	if err != nil {
		return nil, err
	}
	v, err := s.core.DisableSecretVersion(ctx, caller(ctx), ref)
	if err != nil {
		return nil, err
	}
	return &secretsv1.DisableSecretVersionResponse{Version: toVersion(ref.Team, ref.Name, v)}, nil
}

func (s *server) DestroySecretVersion(
	ctx context.Context, req *secretsv1.DestroySecretVersionRequest,
) (*secretsv1.DestroySecretVersionResponse, error) {
	ref, err := parseNumberedVersion("name", req.GetName())
	if err != nil {
		return nil, err
	}
	v, err := s.core.DestroySecretVersion(ctx, caller(ctx), ref)
	if err != nil {
		return nil, err
	}
	return &secretsv1.DestroySecretVersionResponse{Version: toVersion(ref.Team, ref.Name, v)}, nil
}
