// Package authz decides. It is a pure function of the caller, what is asked for, and what the secret itself says: default
// deny, and an action needs both a right (of the caller's role in the team, or of a grant of the secret's) and a scope on
// the caller's key. Grants add; only a restricted secret takes away. A denial tells who may not list a secret nothing of
// it, not even whether it exists.
package authz

import (
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// Target is what an action is done to, and what is known of the request.
type Target struct {
	// Team is "" for an operator's action and for Self.
	Team string
	// Secret is the policy of the secret that it is about; nil for what is about the team.
	Secret *secret.Policy
	// Facts are what conditions of grants are held to.
	Facts secret.Facts
}

// Decision is what Decide says. The zero Decision denies.
type Decision struct {
	Allowed bool
	// Always says that it is allowed whatever the facts of the request are, and without an end.
	Always bool
	// Conditional says that it is denied only because the request does not meet the conditions of a grant.
	Conditional bool
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

// Decide says whether a caller may do an action. A denial's words depend on the caller's own rights and on the request
// alone, unless the caller may list the secret.
func Decide(c identity.Caller, a Action, on Target) Decision {
	switch {
	case c.UserID == "":
		return Decision{}
	case a == Self:
		return Decision{Allowed: true, Always: true}
	case slices.Contains(operatorActions, a):
		if !c.Operator {
			return deny("API key %s may not do %s: that needs an operator's own key, which belongs to no team", c.APIKeyID, a)
		}
		if !inScope(c, a) {
			return deny("API key %s may not do %s: it needs the scope %s", c.APIKeyID, a, scopeFor(a))
		}
		return Decision{Allowed: true, Always: true}
	}
	role, member := c.Teams[on.Team]
	if !member {
		return deny("user %s may not do %s in team %s", c.UserID, a, on.Team)
	}
	inRole := RoleMay(role, a)
	switch {
	case !inScope(c, a) && inRole:
		return deny("API key %s may not do %s: it needs the scope %s", c.APIKeyID, a, scopeFor(a))
	case !inScope(c, a) || !inRole && on.Secret == nil:
		return deny("user %s may not do %s in team %s: the role %s does not allow it", c.UserID, a, on.Team, role)
	case on.Secret == nil:
		return Decision{Allowed: true, Always: true}
	}
	return decideSecret(c, role, a, on)
}

// decideSecret decides on an action on a secret that is in the scope of the caller's key.
func decideSecret(c identity.Caller, role identity.Role, a Action, on Target) Decision {
	inRole := RoleMay(role, a)
	closed := on.Secret.Restricted && slices.Contains(restrictedActions, a) && role != identity.RoleOwner
	lists := RoleMay(role, SecretList)
	// Of a secret that does not exist, who may list is told so by what follows; nobody else.
	if inRole && !closed && (lists || !on.Secret.Absent) {
		return Decision{Allowed: true, Always: true}
	}
	d, why := byGrants(c, role, a, on)
	if d.Allowed {
		return d
	}
	if !lists && a != SecretList {
		listed, _ := byGrants(c, role, SecretList, on)
		lists = listed.Allowed
	}
	switch {
	case lists && why != "":
		d.denial = deny("user %s may not do %s with this secret of team %s: %s", c.UserID, a, on.Team, why).denial
	case lists && closed:
		d.denial = deny("user %s may not do %s with this secret of team %s: it is restricted, and no grant of it allows that",
			c.UserID, a, on.Team).denial
	case inRole:
		d.denial = deny("user %s may not do %s with this secret of team %s, or there is none: as %s it needs a grant for what is restricted",
			c.UserID, a, on.Team, role).denial
	default:
		d.denial = deny("user %s may not do %s in team %s: the role %s does not allow it", c.UserID, a, on.Team, role).denial
	}
	return d
}

// byGrants decides by the secret's grants alone. A denial has no words yet; why says what stands in the way of a grant that
// allows the action.
func byGrants(c identity.Caller, role identity.Role, a Action, on Target) (d Decision, why string) {
	for _, g := range on.Secret.Grants {
		if !slices.ContainsFunc(g.Rights, func(r secret.Right) bool { return slices.Contains(rightActions[r], a) }) {
			continue
		}
		unmet := g.Conditions.Unmet(on.Facts)
		switch {
		case g.UserID != "" && g.UserID != c.UserID || g.UserID == "" && !counts(g.Role, role):
		case g.UserID != "" && !c.Personal:
			why = "a grant to the user counts only for keys made by an owner, or by the user with such a key"
		case !g.ExpireTime.IsZero() && !on.Facts.Time.Before(g.ExpireTime):
			why = "its grant has expired"
		case unmet != "":
			d.Conditional, why = true, "its grant is "+unmet
		default:
			d.Allowed, d.Always = true, d.Always || !g.Conditional()
		}
	}
	if d.Allowed {
		return Decision{Allowed: true, Always: d.Always}, ""
	}
	return d, why
}

// counts says whether a grant to a role counts for a member's role: its own, or one that gives out roles.
func counts(granted, role identity.Role) bool {
	return granted == role || role == identity.RoleOwner || role == identity.RoleAdmin
}

func inScope(c identity.Caller, a Action) bool {
	return slices.ContainsFunc(c.Scopes, func(s identity.Scope) bool { return slices.Contains(scopeActions[s], a) })
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
