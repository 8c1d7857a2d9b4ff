package rpc

import (
	"context"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) CreateSecret(
	ctx context.Context, req *secretsv1.CreateSecretRequest,
) (*secretsv1.CreateSecretResponse, error) {
	n, err := parseNewSecret(req)
	if err != nil {
		return nil, err
	}
	defer n.Value.Wipe()
	made, version, err := s.core.CreateSecret(ctx, caller(ctx), n)
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.CreateSecretResponse{Secret: toSecret(made)}
	if version.Number > 0 {
		resp.Version = toVersion(made.Team, made.Name, version)
	}
	return resp, nil
}

func parseNewSecret(req *secretsv1.CreateSecretRequest) (n manager.NewSecret, err error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return n, err
	}
	if err := resource.CheckSecret("secret_id", req.GetSecretId()); err != nil {
		return n, err
	}
	if err := secret.CheckDescription("secret.description", req.GetSecret().GetDescription()); err != nil {
		return n, err
	}
	if err := secret.CheckLabels("secret.labels", req.GetSecret().GetLabels()); err != nil {
		return n, err
	}
	injection, err := fromInjection("secret.injection", req.GetSecret().GetInjection())
	if err != nil {
		return n, err
	}
	return manager.NewSecret{
		Team: team, Name: req.GetSecretId(), Description: req.GetSecret().GetDescription(),
		Labels: req.GetSecret().GetLabels(), Value: redact.New(req.GetData()),
		Restricted: req.GetSecret().GetRestricted(), Injection: injection,
	}, nil
}

func (s *server) GetSecret(ctx context.Context, req *secretsv1.GetSecretRequest) (*secretsv1.GetSecretResponse, error) {
	team, name, err := parseSecret("name", req.GetName())
	if err != nil {
		return nil, err
	}
	found, err := s.core.GetSecret(ctx, caller(ctx), team, name)
	if err != nil {
		return nil, err
	}
	return &secretsv1.GetSecretResponse{Secret: toSecret(found)}, nil
}

func (s *server) ListSecrets(
	ctx context.Context, req *secretsv1.ListSecretsRequest,
) (*secretsv1.ListSecretsResponse, error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/secrets"
	after, err := pageStart(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListSecrets(ctx, caller(ctx), team, after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListSecretsResponse{Secrets: toAll(list, toSecret)}
	if more {
		resp.NextPageToken = pageToken(listName, list[len(list)-1].Name)
	}
	return resp, nil
}

func (s *server) UpdateSecret(
	ctx context.Context, req *secretsv1.UpdateSecretRequest,
) (*secretsv1.UpdateSecretResponse, error) {
	u, err := parseSecretUpdate(req)
	if err != nil {
		return nil, err
	}
	updated, err := s.core.UpdateSecret(ctx, caller(ctx), u)
	if err != nil {
		return nil, err
	}
	return &secretsv1.UpdateSecretResponse{Secret: toSecret(updated)}, nil
}

func parseSecretUpdate(req *secretsv1.UpdateSecretRequest) (u manager.SecretUpdate, err error) {
	in := req.GetSecret()
	if u.Team, u.Name, err = parseSecret("secret.name", in.GetName()); err != nil {
		return u, err
	}
	u.ETag = in.GetEtag()
	paths := req.GetUpdateMask().GetPaths()
	if len(paths) == 0 {
		paths = []string{"description", "labels"}
	}
	for _, path := range paths {
		switch path {
		case "description":
			description := in.GetDescription()
			u.Description, err = &description, secret.CheckDescription("secret.description", description)
		case "labels":
			labels := in.GetLabels()
			u.Labels, err = &labels, secret.CheckLabels("secret.labels", labels)
		case "restricted":
			restricted := in.GetRestricted()
			u.Restricted = &restricted
		case "injection":
			var injection secret.Injection
			injection, err = fromInjection("secret.injection", in.GetInjection())
			u.Injection = &injection
		default:
			err = errdefs.InvalidField("update_mask", "%q can't be changed: description, labels, restricted and injection can", path)
		}
		if err != nil {
			return u, err
		}
	}
	return u, nil
}

func (s *server) DeleteSecret(
	ctx context.Context, req *secretsv1.DeleteSecretRequest,
) (*secretsv1.DeleteSecretResponse, error) {
	team, name, err := parseSecret("name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.DeleteSecret(ctx, caller(ctx), team, name, req.GetEtag()); err != nil {
		return nil, err
	}
	return &secretsv1.DeleteSecretResponse{}, nil
}
