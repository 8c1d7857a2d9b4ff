package rpc

import (
	"context"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

func (s *server) DeleteSecret(
	ctx context.Context, req *secretsv1.DeleteSecretRequest,
) (*secretsv1.DeleteSecretResponse, error) {
	d := manager.SecretDelete{ETag: req.GetEtag(), Purge: req.GetPurge()}
	var err error
	if d.Team, d.Name, err = parseSecret("name", req.GetName()); err != nil {
		return nil, err
	}
	deleted, err := s.core.DeleteSecret(ctx, caller(ctx), d)
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.DeleteSecretResponse{}
	if deleted.Deleted() {
		resp.Secret = toSecret(deleted)
	}
	return resp, nil
}

func (s *server) UndeleteSecret(
	ctx context.Context, req *secretsv1.UndeleteSecretRequest,
) (*secretsv1.UndeleteSecretResponse, error) {
	team, name, err := parseSecret("name", req.GetName())
	if err != nil {
		return nil, err
	}
	back, err := s.core.UndeleteSecret(ctx, caller(ctx), team, name, req.GetEtag())
	if err != nil {
		return nil, err
	}
	return &secretsv1.UndeleteSecretResponse{Secret: toSecret(back)}, nil
}
