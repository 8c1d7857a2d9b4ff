// Package authz decides. It is a pure function of the caller and what is asked for: default deny, and an action needs
// both the caller's role in the team and a scope on the caller's key. It never looks at what exists, so a denial can't
// tell.
package authz

import (
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// Action is something that a caller may or may not do.
type Action string

// Actions on one team.
const (
	// SecretList sees that secrets and versions exist, with their metadata.
	SecretList Action = "secret.list"
	// SecretManage makes, changes and deletes secrets, and enables, disables and destroys versions.
	SecretManage Action = "secret.manage"
	// VersionAdd adds a value.
	VersionAdd Action = "version.add"
	// VersionUse has a value injected into a sandbox. It never implies VersionAccess.
	VersionUse Action = "version.use"
	// VersionAccess reads a value through the API.
	VersionAccess Action = "version.access"
	// MemberManage adds, changes and removes members, and makes, lists and revokes keys of others.
	MemberManage Action = "member.manage"
	// TeamGet sees a team and its members.
	TeamGet Action = "team.get"
	// KeyCreate makes, lists and revokes the caller's own keys.
	KeyCreate Action = "key.create"
	// AuditRead reads the team's part of the audit log.
	AuditRead Action = "audit.read"
)

// Actions on the whole installation, for operators.
const (
	// TeamCreate makes a team.
	TeamCreate Action = "team.create"
	// TeamListAll sees all teams.
	TeamListAll Action = "team.list_all"
	// AuditReadAll reads the whole audit log.
	AuditReadAll Action = "audit.read_all"
	// AuditVerify verifies the whole audit log.
	AuditVerify Action = "audit.verify"
)

// Self is what every valid key may do: ask who it is, and list its own teams.
const Self Action = "self"

var roleActions = map[identity.Role][]Action{
	identity.RoleAdmin: {
		SecretList, SecretManage, VersionAdd, VersionUse, VersionAccess, MemberManage, TeamGet, KeyCreate, AuditRead,
	},
	identity.RoleMember: {SecretList, VersionUse, TeamGet, KeyCreate},
}

var operatorActions = []Action{TeamCreate, TeamListAll, AuditReadAll, AuditVerify}

var scopeActions = map[identity.Scope][]Action{
	identity.ScopeRun: {SecretList, TeamGet, VersionUse},
	identity.ScopeManage: {
		SecretList, SecretManage, VersionAdd, MemberManage, KeyCreate, TeamGet, AuditRead,
		TeamCreate, TeamListAll, AuditReadAll, AuditVerify,
	},
	identity.ScopeRead: {VersionAccess, SecretList, TeamGet},
}

// Decision is what Decide says. The zero Decision denies.
type Decision struct {
	Allowed bool
	// denial is the error of a denial.
	denial error
}

// Err is nil when allowed, else PERMISSION_DENIED (reason PERMISSION_DENIED).
func (d Decision) Err() error {
	if d.Allowed {
		return nil
	}
	if d.denial == nil {
		return errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "permission denied")
	}
	return d.denial
}

// Decide says whether a caller may do an action in a team. The team is "" for an operator's action and for Self. A
// denial's words depend on the caller's own rights and on the request alone.
func Decide(c identity.Caller, a Action, team string) Decision {
	switch {
	case c.UserID == "":
		return Decision{}
	case a == Self:
		return Decision{Allowed: true}
	case slices.Contains(operatorActions, a):
		if !c.Operator {
			return deny("API key %s may not do %s: that needs an operator's own key, which belongs to no team", c.APIKeyID, a)
		}
	default:
		role, member := c.Teams[team]
		if !member {
			return deny("user %s may not do %s in team %s", c.UserID, a, team)
		}
		if !slices.Contains(roleActions[role], a) {
			return deny("user %s may not do %s in team %s: the role %s does not allow it", c.UserID, a, team, role)
		}
	}
	for _, s := range c.Scopes {
		if slices.Contains(scopeActions[s], a) {
			return Decision{Allowed: true}
		}
	}
	return deny("API key %s may not do %s: it needs the scope %s", c.APIKeyID, a, scopeFor(a))
}

func deny(format string, args ...any) Decision {
	return Decision{denial: errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", format, args...)}
}

// scopeFor names a scope that allows the action.
func scopeFor(a Action) identity.Scope {
	for _, s := range []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead} {
		if slices.Contains(scopeActions[s], a) {
			return s
		}
	}
	return ""
}
