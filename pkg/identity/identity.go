// Package identity says who makes a call: the Caller behind an API key, and the SPIFFE ID of the workload at the other
// end of a connection. It holds names and rights only, never a credential, so that whatever decides or records may
// import it.
package identity

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
)

// Role is what a user may do in a team, before the key's scopes narrow it.
type Role string

// The roles.
const (
	// RoleOwner may do all that an admin may, has every right to every secret, and alone makes, changes and removes owners.
	RoleOwner Role = "owner"
	// RoleAdmin manages secrets, members and keys, and may read values.
	RoleAdmin Role = "admin"
	// RoleMember lists secrets and uses them in sandboxes; never reads a value.
	RoleMember Role = "member"
	// RoleAuditor lists secrets and members and reads the audit log; uses no secret.
	RoleAuditor Role = "auditor"
	// RoleService is for programs: it uses secrets in sandboxes, and neither lists them nor makes keys.
	RoleService Role = "service"
)

// Roles are all roles.
var Roles = []Role{RoleOwner, RoleAdmin, RoleMember, RoleAuditor, RoleService}

// Scope is what an API key may be used for. A call needs the scope on its key and the right in the user's role.
type Scope string

// The scopes.
const (
	// ScopeRun runs sandboxes, lists secrets and uses them in sandboxes.
	ScopeRun Scope = "run"
	// ScopeManage manages secrets, members and keys as the role allows.
	ScopeManage Scope = "manage"
	// ScopeRead reads secret values as the role allows.
	ScopeRead Scope = "read"
)

// Caller is who makes a call. The zero Caller may do nothing.
type Caller struct {
	// UserID is the user that the key stands for.
	UserID string
	// APIKeyID is the key's public id; it may be logged.
	APIKeyID string
	// Team is the key's home, the team meant by a request that names none; empty for the operator's first key.
	Team string
	// Teams are those that the key acts in, with the user's role there.
	Teams map[string]Role
	// Scopes are what the key may be used for.
	Scopes []Scope
	// Personal says that only the user and owners can hold the key, since they alone had a hand in making it. What is
	// granted to the user by name counts for such a key only: an admin makes keys for members, and must not come by the
	// members' own grants with that.
	Personal bool
	// Operator says whether the user may create teams, import images and verify the audit log.
	Operator bool
	// Exchanged says that a token was exchanged for the key, so that it lives for minutes and makes no other keys.
	Exchanged bool
	// Peer is the SPIFFE ID of the workload that made the connection, proved by mTLS; empty when there was none.
	Peer string
	// Address is where the connection comes from; the zero Addr when that is not known.
	Address netip.Addr
}

// Name is what a caller is counted under: the user, or the workload that calls in its own name.
func (c Caller) Name() string { return cmp.Or(c.UserID, c.Peer) }

// HasScope says whether the caller's key has scope s.
func (c Caller) HasScope(s Scope) bool { return slices.Contains(c.Scopes, s) }

// MemberOf says whether the caller is a member of team, in any role.
func (c Caller) MemberOf(team string) bool {
	_, ok := c.Teams[team]
	return ok
}

type contextKey struct{}

// NewContext returns ctx carrying c.
func NewContext(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// FromContext returns the caller that ctx carries.
func FromContext(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(contextKey{}).(Caller)
	return c, ok
}
