package rpc

import (
	"context"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) RotateKEK(ctx context.Context, _ *secretsv1.RotateKEKRequest) (*secretsv1.RotateKEKResponse, error) {
	status, err := s.core.RotateKEK(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return &secretsv1.RotateKEKResponse{Status: toKEKStatus(status)}, nil
}

func (s *server) RotateDataKey(
	ctx context.Context, req *secretsv1.RotateDataKeyRequest,
) (*secretsv1.RotateDataKeyResponse, error) {
	team, err := parseTeam("name", req.GetName())
	if err != nil {
		return nil, err
	}
	status, err := s.core.RotateDataKey(ctx, caller(ctx), team)
	if err != nil {
		return nil, err
	}
	return &secretsv1.RotateDataKeyResponse{Status: toDataKeyStatus(status)}, nil
}

func (s *server) GetKeyStatus(
	ctx context.Context, req *secretsv1.GetKeyStatusRequest,
) (*secretsv1.GetKeyStatusResponse, error) {
	if req.GetName() == "" {
		status, err := s.core.GetKEKStatus(ctx, caller(ctx))
		if err != nil {
			return nil, err
		}
		return &secretsv1.GetKeyStatusResponse{KeyEncryptionKey: toKEKStatus(status)}, nil
	}
	team, err := parseTeam("name", req.GetName())
	if err != nil {
		return nil, err
	}
	status, err := s.core.GetDataKeyStatus(ctx, caller(ctx), team)
	if err != nil {
		return nil, err
	}
	return &secretsv1.GetKeyStatusResponse{DataKey: toDataKeyStatus(status)}, nil
}

func (s *server) DeleteTeam(
	ctx context.Context, req *secretsv1.DeleteTeamRequest,
) (*secretsv1.DeleteTeamResponse, error) {
	team, err := parseTeam("name", req.GetName())
	if err != nil {
		return nil, err
	}
	at, err := s.core.DeleteTeam(ctx, caller(ctx), team, req.GetEtag())
	if err != nil {
		return nil, err
	}
	return &secretsv1.DeleteTeamResponse{DeleteTime: toTime(at)}, nil
}

func toKEKStatus(s manager.KEKStatus) *secretsv1.KeyEncryptionKeyStatus {
	return &secretsv1.KeyEncryptionKeyStatus{
		Sealed: s.Sealed, Source: s.Source, KeyId: s.KeyID, RetiredKeyIds: s.RetiredIDs,
		Teams: s.Teams, TeamsOnRetiredKeys: s.OnRetired,
	}
}

func toDataKeyStatus(s manager.DataKeyStatus) *secretsv1.DataKeyStatus {
	return &secretsv1.DataKeyStatus{
		Team: secret.TeamName(s.Team), KeyId: s.KeyID, RetiredKeyIds: s.RetiredIDs,
		Versions: s.Versions, VersionsOnRetiredKeys: s.OnRetired, KeyEncryptionKeyId: s.KEKID,
	}
}
