package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// toTime converts a time; the zero time is absent.
func toTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// toDuration converts a duration; none is absent.
func toDuration(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}

// toAll converts a list.
func toAll[From, To any](list []From, convert func(From) To) []To {
	out := make([]To, len(list))
	for i, x := range list {
		out[i] = convert(x)
	}
	return out
}

func toTeam(t secret.Team) *secretsv1.Team {
	return &secretsv1.Team{Name: secret.TeamName(t.ID), CreateTime: toTime(t.CreateTime), Etag: t.ETag(), MaskOutput: t.MaskOutput}
}

func toMember(m secret.Member) *secretsv1.Member {
	return &secretsv1.Member{
		Name: secret.MemberName(m.Team, m.UserID), UserId: m.UserID, Role: toRole(m.Role), CreateTime: toTime(m.CreateTime),
	}
}

// toAPIKey names the key as one of the team that was asked.
func toAPIKey(team string, k secret.APIKey) *secretsv1.APIKey {
	out := &secretsv1.APIKey{
		Name: secret.KeyName(team, k.ID), Teams: toAll(k.Teams(), secret.TeamName), UserId: k.UserID, Scopes: toAll(k.Scopes, toScope), Description: k.Description,
		CreateTime: toTime(k.CreateTime), ExpireTime: toTime(k.ExpireTime), RevokeTime: toTime(k.RevokeTime), Personal: k.Personal,
		LastUseTime: toTime(k.LastUseTime), OidcSubject: k.Subject,
	}
	if k.RotatedFrom != "" {
		out.RotatedFrom = secret.KeyName(team, k.RotatedFrom)
	}
	if k.Trust != "" {
		out.OidcTrust = secret.TrustName(k.Team, k.Trust)
	}
	return out
}

func toSecret(s secret.Secret) *secretsv1.Secret {
	return &secretsv1.Secret{
		Name: secret.FullName(s.Team, s.Name), Description: s.Description, Labels: s.Labels,
		CreateTime: toTime(s.CreateTime), UpdateTime: toTime(s.UpdateTime), Etag: s.ETag(), LatestVersion: s.LatestVersion,
		Restricted: s.Restricted, Injection: toInjection(s.Injection),
		VersionAliases: s.Aliases, VersionDestroyTtl: toDuration(s.VersionDestroyTTL), ExpireTime: toTime(s.ExpireTime),
		DeleteTime: toTime(s.DeleteTime), PurgeTime: toTime(s.PurgeTime),
	}
}

func toVersion(team, name string, v secret.Version) *secretsv1.SecretVersion {
	return &secretsv1.SecretVersion{
		Name: secret.VersionName(team, name, v.Number), State: toState(v.State), CreateTime: toTime(v.CreateTime),
		DestroyTime: toTime(v.DestroyTime), Creator: v.Creator, SizeBytes: v.Size,
		DataKeyId:            v.DataKeyID,
		ScheduledDestroyTime: toTime(v.ScheduledDestroyTime), Etag: v.ETag(),
	}
}

func toEntry(e audit.Entry) *secretsv1.AuditEntry {
	out := &secretsv1.AuditEntry{
		Sequence: e.Sequence, Time: toTime(e.Time), UserId: e.UserID, ApiKeyId: e.APIKeyID, Peer: e.Peer,
		Action: e.Action, Resource: e.Resource, Decision: toDecision(e.Decision), Reason: e.Reason,
		SandboxId: e.SandboxID, RequestId: e.RequestID, PrevHash: e.PrevHash[:], Hash: e.Hash[:],
	}
	if e.Team != "" {
		out.Team = secret.TeamName(e.Team)
	}
	return out
}

func toState(s secret.State) secretsv1.VersionState {
	switch s {
	case secret.Enabled:
		return secretsv1.VersionState_VERSION_STATE_ENABLED
	case secret.Disabled:
		return secretsv1.VersionState_VERSION_STATE_DISABLED
	case secret.Destroyed:
		return secretsv1.VersionState_VERSION_STATE_DESTROYED
	}
	return secretsv1.VersionState_VERSION_STATE_UNSPECIFIED
}

func toDecision(d audit.Decision) secretsv1.AuditDecision {
	switch d {
	case audit.Allowed:
		return secretsv1.AuditDecision_AUDIT_DECISION_ALLOWED
	case audit.Denied:
		return secretsv1.AuditDecision_AUDIT_DECISION_DENIED
	}
	return secretsv1.AuditDecision_AUDIT_DECISION_UNSPECIFIED
}

var roles = map[identity.Role]secretsv1.Role{
	identity.RoleOwner:   secretsv1.Role_ROLE_OWNER,
	identity.RoleAdmin:   secretsv1.Role_ROLE_ADMIN,
	identity.RoleMember:  secretsv1.Role_ROLE_MEMBER,
	identity.RoleAuditor: secretsv1.Role_ROLE_AUDITOR,
	identity.RoleService: secretsv1.Role_ROLE_SERVICE,
}

func toRole(r identity.Role) secretsv1.Role { return roles[r] }

// fromRole returns the role "", which allows nothing, for what is no role.
func fromRole(r secretsv1.Role) identity.Role { return keyOf(roles, r) }

// keyOf returns the key that a map of unequal values has a value under; the zero key, which stands for nothing in all of them,
// where there is none.
func keyOf[K, V comparable](m map[K]V, value V) K {
	for k, v := range m {
		if v == value {
			return k
		}
	}
	var none K
	return none
}

var scopes = map[identity.Scope]secretsv1.KeyScope{
	identity.ScopeRun:    secretsv1.KeyScope_KEY_SCOPE_RUN,
	identity.ScopeManage: secretsv1.KeyScope_KEY_SCOPE_MANAGE,
	identity.ScopeRead:   secretsv1.KeyScope_KEY_SCOPE_READ,
}

func toScope(s identity.Scope) secretsv1.KeyScope { return scopes[s] }

// fromScopes is for scopes that the rules of the .proto files have checked.
func fromScopes(list []secretsv1.KeyScope) []identity.Scope {
	var out []identity.Scope
	for _, s := range []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead} {
		for _, want := range list {
			if scopes[s] == want {
				out = append(out, s)
			}
		}
	}
	return out
}
