package rpc

import (
	"context"
	"strconv"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/masking"
	"github.com/casemate/casemate/secretsd/internal/filter"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) AddSecretVersion(
	ctx context.Context, req *secretsv1.AddSecretVersionRequest,
) (*secretsv1.AddSecretVersionResponse, error) {
	n, err := parseNewVersion(req)
	if err != nil {
		return nil, err
	}
	defer n.Value.Wipe()
	gap := masking.None
	if n.Generate == nil {
		gap = masking.Check(n.Value)
	}
	v, unchanged, err := s.core.AddSecretVersion(ctx, caller(ctx), n)
	if err != nil {
		return nil, err
	}
	return &secretsv1.AddSecretVersionResponse{Version: toVersion(n.Team, n.Name, v), Unchanged: unchanged, MaskingGap: maskingGaps[gap]}, nil
}

var maskingGaps = map[masking.Gap]secretsv1.MaskingGap{
	masking.Short:  secretsv1.MaskingGap_MASKING_GAP_SHORT,
	masking.Common: secretsv1.MaskingGap_MASKING_GAP_COMMON,
}

func parseNewVersion(req *secretsv1.AddSecretVersionRequest) (n manager.NewVersion, err error) {
	n = manager.NewVersion{ETag: req.GetEtag(), IfChanged: req.GetIfChanged(), RequestID: req.GetRequestId()}
	if n.Team, n.Name, err = parseSecret("parent", req.GetParent()); err != nil {
		return n, err
	}
	n.Value, n.Generate, err = parseValue(req)
	switch {
	case err != nil:
		return n, err
	case n.Value.Len() == 0 && n.Generate == nil:
		return n, errdefs.InvalidField("data", "a version needs a value: data, or generate")
	case n.IfChanged && n.Generate != nil:
		return n, errdefs.InvalidField("if_changed", "a generated value is always another one")
	}
	return n, nil
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
	match, err := filter.Versions(req.GetFilter())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/versions?filter=" + req.GetFilter()
	before, err := pageStartNumber(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListSecretVersions(ctx, caller(ctx), manager.VersionList{
		Team: team, Name: name, Before: before, Limit: pageLimit(req.GetPageSize()), Match: match,
	})
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
	v, err := s.core.EnableSecretVersion(ctx, caller(ctx), ref, req.GetEtag())
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
	v, err := s.core.DisableSecretVersion(ctx, caller(ctx), ref, req.GetEtag())
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
	v, err := s.core.DestroySecretVersion(ctx, caller(ctx), ref, req.GetEtag())
	if err != nil {
		return nil, err
	}
	return &secretsv1.DestroySecretVersionResponse{Version: toVersion(ref.Team, ref.Name, v)}, nil
}
