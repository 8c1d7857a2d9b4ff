package secretsdtest

import (
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/resource"
)

// AllScopes are the scopes of a key that its user's role alone narrows.
var AllScopes = []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead}

// CreateTeam makes a team. The operator is its owner.
func (s *Server) CreateTeam(team string) {
	s.t.Helper()
	_, err := s.operator().CreateTeam(s.t.Context(), &secretsv1.CreateTeamRequest{TeamId: team})
	s.must(err)
}

// MaskOutput sets whether the sandboxes that a team makes from now on mask their secrets in all that they give out.
func (s *Server) MaskOutput(team string, mask bool) {
	s.t.Helper()
	_, err := s.operator().UpdateTeam(s.t.Context(), &secretsv1.UpdateTeamRequest{Team: &secretsv1.Team{Name: "teams/" + team, MaskOutput: mask}})
	s.must(err)
}

// CreateUser adds a user to a team and returns an API key for it, with ScopeRun when no scope is given.
func (s *Server) CreateUser(team, user string, role identity.Role, scopes ...identity.Scope) (key string) {
	s.t.Helper()
	pbRole := secretsv1.Role(secretsv1.Role_value["ROLE_"+strings.ToUpper(string(role))])
	_, err := s.operator().CreateMember(s.t.Context(), &secretsv1.CreateMemberRequest{
		Parent: resource.Team{Team: team}.String(), UserId: user, Role: pbRole,
	})
	s.must(err)
	return s.CreateKey(team, user, scopes...)
}

// RemoveUser removes a user from a team.
func (s *Server) RemoveUser(team, user string) {
	s.t.Helper()
	_, err := s.operator().DeleteMember(s.t.Context(), &secretsv1.DeleteMemberRequest{
		Name: resource.Member{Team: team, User: user}.String(),
	})
	s.must(err)
}

// CreateKey makes another API key for a member, with ScopeRun when no scope is given.
func (s *Server) CreateKey(team, user string, scopes ...identity.Scope) (key string) {
	s.t.Helper()
	req := &secretsv1.CreateAPIKeyRequest{Parent: resource.Team{Team: team}.String(), UserId: user}
	for _, scope := range scopes {
		name := "KEY_SCOPE_" + strings.ToUpper(string(scope))
		req.Scopes = append(req.Scopes, secretsv1.KeyScope(secretsv1.KeyScope_value[name]))
	}
	resp, err := s.operator().CreateAPIKey(s.t.Context(), req)
	s.must(err)
	return resp.GetKey()
}

// RevokeKey revokes a key of a team.
func (s *Server) RevokeKey(team, key string) {
	s.t.Helper()
	parsed, err := apikey.Parse(key)
	s.must(err)
	_, err = s.operator().RevokeAPIKey(s.t.Context(), &secretsv1.RevokeAPIKeyRequest{
		Name: resource.APIKey{Team: team, Key: parsed.ID()}.String(),
	})
	s.must(err)
}

// CreateSecret makes a secret; version 1 is the value, unless that is empty.
func (s *Server) CreateSecret(team, name, value string) {
	s.t.Helper()
	_, err := s.operator().CreateSecret(s.t.Context(), &secretsv1.CreateSecretRequest{
		Parent: resource.Team{Team: team}.String(), SecretId: name, Data: []byte(value),
	})
	s.must(err)
}

// Restrict takes a secret from all whom no grant names, owners apart.
func (s *Server) Restrict(team, name string) {
	s.t.Helper()
	s.updateSecret(&secretsv1.Secret{Name: resource.Secret{Team: team, Secret: name}.String(), Restricted: true}, "restricted")
}

// BrokerOnly keeps a secret's value from every sandbox.
func (s *Server) BrokerOnly(team, name, host string) {
	s.t.Helper()
	s.updateSecret(&secretsv1.Secret{
		Name:      resource.Secret{Team: team, Secret: name}.String(),
		Injection: &secretsv1.InjectionPolicy{Mode: secretsv1.InjectionMode_INJECTION_MODE_BROKER_ONLY, Hosts: []string{host}},
	}, "injection")
}

func (s *Server) updateSecret(changed *secretsv1.Secret, path string) {
	s.t.Helper()
	_, err := s.operator().UpdateSecret(s.t.Context(), &secretsv1.UpdateSecretRequest{
		Secret: changed, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}},
	})
	s.must(err)
}

// Grant makes a grant on a secret.
func (s *Server) Grant(team, name string, grant *secretsv1.SecretGrant) {
	s.t.Helper()
	_, err := s.operator().CreateSecretGrant(s.t.Context(), &secretsv1.CreateSecretGrantRequest{
		Parent: resource.Secret{Team: team, Secret: name}.String(), Grant: grant,
	})
	s.must(err)
}

// AddVersion adds a value to a secret and returns the version's number.
func (s *Server) AddVersion(team, name, value string) int64 {
	s.t.Helper()
	resp, err := s.operator().AddSecretVersion(s.t.Context(), &secretsv1.AddSecretVersionRequest{
		Parent: resource.Secret{Team: team, Secret: name}.String(), Data: []byte(value),
	})
	s.must(err)
	n, err := resource.ParseSecretVersion("name", resp.GetVersion().GetName())
	s.must(err)
	return n.Number()
}

// DestroyVersion destroys a version for good.
func (s *Server) DestroyVersion(team, name, version string) {
	s.t.Helper()
	_, err := s.operator().DestroySecretVersion(s.t.Context(), &secretsv1.DestroySecretVersionRequest{
		Name: resource.SecretVersion{Team: team, Secret: name, Version: version}.String(),
	})
	s.must(err)
}

// RevokeVersion revokes a version and returns how many sandboxes hold it.
func (s *Server) RevokeVersion(team, name, version string) int {
	s.t.Helper()
	resp, err := s.operator().RevokeSecretVersion(s.t.Context(), &secretsv1.RevokeSecretVersionRequest{
		Name:   resource.SecretVersion{Team: team, Secret: name, Version: version}.String(),
		Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP,
	})
	s.must(err)
	return int(resp.GetRunningSandboxes())
}

// Uses returns the receipts of a secret, at most 1000, newest first.
func (s *Server) Uses(team, name string) []*secretsv1.SecretUse {
	s.t.Helper()
	resp, err := s.operator().ListSecretUses(s.t.Context(), &secretsv1.ListSecretUsesRequest{
		Parent: resource.Secret{Team: team, Secret: name}.String(), PageSize: 1000,
	})
	s.must(err)
	return resp.GetUses()
}

// SetAlias names a version of a secret, and takes the secret's other names away.
func (s *Server) SetAlias(team, name, alias string, version int64) {
	s.t.Helper()
	_, err := s.operator().UpdateSecret(s.t.Context(), &secretsv1.UpdateSecretRequest{
		Secret: &secretsv1.Secret{
			Name: resource.Secret{Team: team, Secret: name}.String(), VersionAliases: map[string]int64{alias: version},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"version_aliases"}},
	})
	s.must(err)
}

// AuditEntries returns the whole audit log.
func (s *Server) AuditEntries() []*secretsv1.AuditEntry {
	s.t.Helper()
	var all []*secretsv1.AuditEntry
	req := &secretsv1.ListAuditEntriesRequest{Parent: resource.AllTeams, PageSize: 1000}
	for {
		resp, err := s.operator().ListAuditEntries(s.t.Context(), req)
		s.must(err)
		all = append(all, resp.GetEntries()...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return all
		}
	}
}

// operator is a client with the operator's key. The connection lives as long as the test.
func (s *Server) operator() secretsv1.SecretsManagerClient {
	s.t.Helper()
	if s.operatorClient == nil {
		s.operatorClient = s.Client(s.OperatorKey)
	}
	return s.operatorClient
}

func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
