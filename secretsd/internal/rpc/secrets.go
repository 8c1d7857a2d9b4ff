package rpc

import (
	"context"
	"fmt"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/filter"
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
	in := req.GetSecret()
	n = manager.NewSecret{
		Name: req.GetSecretId(), Description: in.GetDescription(), Labels: in.GetLabels(), Aliases: in.GetVersionAliases(),
		Restricted: in.GetRestricted(), RequestID: req.GetRequestId(),
	}
	if n.Team, err = parseTeam("parent", req.GetParent()); err != nil {
		return n, err
	}
	if n.VersionDestroyTTL, err = parseDestroyTTL(in.GetVersionDestroyTtl()); err != nil {
		return n, err
	}
	if n.Expiry, err = parseExpiry(in); err != nil {
		return n, err
	}
	if n.Value, n.Generate, err = parseValue(req); err != nil {
		return n, err
	}
	if n.Injection, err = fromInjection("secret.injection", in.GetInjection()); err != nil {
		return n, err
	}
	return n, firstError(
		resource.CheckSecret("secret_id", n.Name),
		secret.CheckDescription("secret.description", n.Description),
		secret.CheckLabels("secret.labels", n.Labels),
		secret.CheckAliases("secret.version_aliases", n.Aliases),
	)
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
	match, err := filter.Secrets(req.GetFilter())
	if err != nil {
		return nil, err
	}
	listName := fmt.Sprintf("%s/secrets?filter=%s&deleted=%v", req.GetParent(), req.GetFilter(), req.GetShowDeleted())
	after, err := pageStart(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListSecrets(ctx, caller(ctx), manager.SecretList{
		Team: team, After: after, Limit: pageLimit(req.GetPageSize()), ShowDeleted: req.GetShowDeleted(), Match: match,
	})
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
		if err := parseUpdatePath(&u, in, path); err != nil {
			return u, err
		}
	}
	return u, nil
}

func parseUpdatePath(u *manager.SecretUpdate, in *secretsv1.Secret, path string) (err error) {
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
	case "version_aliases":
		aliases := in.GetVersionAliases()
		u.Aliases, err = &aliases, secret.CheckAliases("secret.version_aliases", aliases)
	case "version_destroy_ttl":
		var ttl time.Duration
		ttl, err = parseDestroyTTL(in.GetVersionDestroyTtl())
		u.VersionDestroyTTL = &ttl
	case "expire_time", "ttl":
		if u.Expiry != nil {
			return errdefs.InvalidField("update_mask", "expire_time and ttl are two ways to say the same: name one")
		}
		only := &secretsv1.Secret{ExpireTime: in.GetExpireTime()}
		if path == "ttl" {
			only = &secretsv1.Secret{Ttl: in.GetTtl()}
		}
		var expiry manager.Expiry
		expiry, err = parseExpiry(only)
		u.Expiry = &expiry
	default:
		err = errdefs.InvalidField("update_mask", "%q can't be changed: description, labels, version_aliases, "+
			"version_destroy_ttl, expire_time, ttl, restricted and injection can", path)
	}
	return err
}
