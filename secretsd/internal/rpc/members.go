package rpc

import (
	"context"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/resource"
)

func (s *server) CreateMember(
	ctx context.Context, req *secretsv1.CreateMemberRequest,
) (*secretsv1.CreateMemberResponse, error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	if err := resource.CheckUser("user_id", req.GetUserId()); err != nil {
		return nil, err
	}
	member, err := s.core.CreateMember(ctx, caller(ctx), team, req.GetUserId(), fromRole(req.GetRole()))
	if err != nil {
		return nil, err
	}
	return &secretsv1.CreateMemberResponse{Member: toMember(member)}, nil
}

func (s *server) ListMembers(
	ctx context.Context, req *secretsv1.ListMembersRequest,
) (*secretsv1.ListMembersResponse, error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/members"
	after, err := pageStart(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListMembers(ctx, caller(ctx), team, after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListMembersResponse{Members: toAll(list, toMember)}
	if more {
		resp.NextPageToken = pageToken(listName, list[len(list)-1].UserID)
	}
	return resp, nil
}

func (s *server) UpdateMember(
	ctx context.Context, req *secretsv1.UpdateMemberRequest,
) (*secretsv1.UpdateMemberResponse, error) {
	n, err := resource.ParseMember("name", req.GetName())
	if err != nil {
		return nil, err
	}
	member, err := s.core.UpdateMember(ctx, caller(ctx), n.Team, n.User, fromRole(req.GetRole()))
	if err != nil {
		return nil, err
	}
	return &secretsv1.UpdateMemberResponse{Member: toMember(member)}, nil
}

func (s *server) DeleteMember(
	ctx context.Context, req *secretsv1.DeleteMemberRequest,
) (*secretsv1.DeleteMemberResponse, error) {
	n, err := resource.ParseMember("name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.DeleteMember(ctx, caller(ctx), n.Team, n.User); err != nil {
		return nil, err
	}
	return &secretsv1.DeleteMemberResponse{}, nil
}
