package rpc

import (
	"context"
	"slices"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/crc32c"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

func (s *server) AccessSecretVersion(
	ctx context.Context, req *secretsv1.AccessSecretVersionRequest,
) (*secretsv1.AccessSecretVersionResponse, error) {
	ref, err := parseVersion("name", req.GetName())
	if err != nil {
		return nil, err
	}
	ref.Field = req.GetField()
	a, err := s.core.AccessSecretVersion(ctx, caller(ctx), ref)
	if err != nil {
		return nil, err
	}
	data := a.Value.Reveal()
	return &secretsv1.AccessSecretVersionResponse{Name: a.Name, Data: data, DataCrc32C: crc32c.Sum(data)}, nil
}

func (s *server) BatchAccessSecretVersions(
	ctx context.Context, req *secretsv1.BatchAccessSecretVersionsRequest,
) (*secretsv1.BatchAccessSecretVersionsResponse, error) {
	batch, err := parseBatch(req)
	if err != nil {
		return nil, err
	}
	values, err := s.core.BatchAccess(ctx, caller(ctx), batch)
	if err != nil {
		return nil, err
	}
	return &secretsv1.BatchAccessSecretVersionsResponse{
		Values: toAll(values, toAccessed), Restricted: slices.ContainsFunc(values, func(a manager.Accessed) bool { return a.Restricted }),
		MaskOutput: slices.ContainsFunc(values, func(a manager.Accessed) bool { return a.MaskOutput }),
	}, nil
}

func toAccessed(a manager.Accessed) *secretsv1.AccessedSecretVersion {
	data := a.Value.Reveal()
	return &secretsv1.AccessedSecretVersion{Name: a.Name, Data: data, DataCrc32C: crc32c.Sum(data)}
}
