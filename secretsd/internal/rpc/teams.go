package rpc

import (
	"context"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

func (s *server) CreateTeam(
	ctx context.Context, req *secretsv1.CreateTeamRequest,
) (*secretsv1.CreateTeamResponse, error) {
	if err := resource.CheckTeam("team_id", req.GetTeamId()); err != nil {
		return nil, err
	}
	team, err := s.core.CreateTeam(ctx, caller(ctx), req.GetTeamId())
	if err != nil {
		return nil, err
	}
	return &secretsv1.CreateTeamResponse{Team: toTeam(team)}, nil
}

func (s *server) GetTeam(ctx context.Context, req *secretsv1.GetTeamRequest) (*secretsv1.GetTeamResponse, error) {
	id, err := parseTeam("name", req.GetName())
	if err != nil {
		return nil, err
	}
	team, err := s.core.GetTeam(ctx, caller(ctx), id)
	if err != nil {
		return nil, err
	}
	return &secretsv1.GetTeamResponse{Team: toTeam(team)}, nil
}

func (s *server) UpdateTeam(
	ctx context.Context, req *secretsv1.UpdateTeamRequest,
) (*secretsv1.UpdateTeamResponse, error) {
	in := req.GetTeam()
	id, err := parseTeam("team.name", in.GetName())
	if err != nil {
		return nil, err
	}
	for _, path := range req.GetUpdateMask().GetPaths() {
		if path != "mask_output" && path != "*" {
			return nil, errdefs.InvalidField("update_mask", "%q can't be changed: name mask_output", path)
		}
	}
	mask := in.GetMaskOutput()
	team, err := s.core.UpdateTeam(ctx, caller(ctx), manager.TeamUpdate{ID: id, ETag: in.GetEtag(), MaskOutput: &mask})
	if err != nil {
		return nil, err
	}
	return &secretsv1.UpdateTeamResponse{Team: toTeam(team)}, nil
}

func (s *server) ListTeams(ctx context.Context, req *secretsv1.ListTeamsRequest) (*secretsv1.ListTeamsResponse, error) {
	const listName = "teams"
	after, err := pageStart(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListTeams(ctx, caller(ctx), after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListTeamsResponse{Teams: toAll(list, toTeam)}
	if more {
		resp.NextPageToken = pageToken(listName, list[len(list)-1].ID)
	}
	return resp, nil
}
