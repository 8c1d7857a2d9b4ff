package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// CreateMember adds a user to a team, and makes the user where there is none of that id.
func (m *Manager) CreateMember(
	ctx context.Context, c identity.Caller, team, user string, role identity.Role,
) (member secret.Member, err error) {
	name := secret.MemberName(team, user)
	if err := m.allow(ctx, c, memberCreate, team, name); err != nil {
		return member, err
	}
	err = m.change(ctx, c, memberCreate, team, func(w store.Writer) (string, error) {
		if err := mayGive(c, team, role); err != nil {
			return name, err
		}
		members, err := w.CountMembers(ctx, team)
		if err != nil {
			return name, err
		}
		if members >= secret.MaxMembers {
			return name, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_MEMBERS",
				"team %s has %d members, which is the most", team, members)
		}
		now := m.Now()
		if err := w.EnsureUser(ctx, secret.User{ID: user, CreateTime: now}); err != nil {
			return name, err
		}
		member = secret.Member{Team: team, UserID: user, Role: role, CreateTime: now}
		return name, w.CreateMember(ctx, member)
	})
	return member, m.auditDenial(ctx, m.entry(ctx, c, memberCreate, team, name), err)
}

// ListMembers returns at most limit members of a team by user, those after a user, and whether there are more.
func (m *Manager) ListMembers(
	ctx context.Context, c identity.Caller, team, after string, limit int,
) (list []secret.Member, more bool, err error) {
	if err := m.allow(ctx, c, memberList, team, secret.TeamName(team)); err != nil {
		return nil, false, err
	}
	return page(ctx, m, memberList, limit, func(r store.Reader, limit int) ([]secret.Member, error) {
		return r.Members(ctx, team, after, limit)
	})
}

// UpdateMember changes a member's role. A team keeps at least one owner.
func (m *Manager) UpdateMember(
	ctx context.Context, c identity.Caller, team, user string, role identity.Role,
) (member secret.Member, err error) {
	name := secret.MemberName(team, user)
	if err := m.allow(ctx, c, memberUpdate, team, name); err != nil {
		return member, err
	}
	err = m.change(ctx, c, memberUpdate, team, func(w store.Writer) (string, error) {
		if member, err = w.Member(ctx, team, user); err != nil {
			return name, err
		}
		if err := mayChange(c, member); err != nil {
			return name, err
		}
		if err := mayGive(c, team, role); err != nil && role != member.Role {
			return name, err
		}
		if role != identity.RoleOwner {
			if err := m.keepOwner(ctx, w, member); err != nil {
				return name, err
			}
		}
		member.Role = role
		return name, w.SetRole(ctx, team, user, role)
	})
	return member, m.auditDenial(ctx, m.entry(ctx, c, memberUpdate, team, name), err)
}

// DeleteMember removes a user from a team with what is granted to the user there, revokes the user's keys whose home it is,
// and takes the team from the user's other keys. A team keeps at least one owner.
func (m *Manager) DeleteMember(ctx context.Context, c identity.Caller, team, user string) error {
	name := secret.MemberName(team, user)
	if err := m.allow(ctx, c, memberDelete, team, name); err != nil {
		return err
	}
	err := m.changeTeams(ctx, memberDelete, func(w store.Writer) ([]audit.Entry, error) {
		member, err := w.Member(ctx, team, user)
		if err != nil {
			return nil, err
		}
		if err := mayChange(c, member); err != nil {
			return nil, err
		}
		if err := m.keepOwner(ctx, w, member); err != nil {
			return nil, err
		}
		if err := w.DeleteGrantsOf(ctx, team, user); err != nil {
			return nil, err
		}
		revoked, err := w.RevokeAPIKeys(ctx, team, user, m.Now())
		if err != nil {
			return nil, err
		}
		entries := []audit.Entry{m.entry(ctx, c, memberDelete, team, name)}
		for _, k := range revoked {
			for _, other := range k.OtherTeams { // there the key ends too, and nobody has removed the user
				entries = append(entries, m.entry(ctx, c, keyRevokeOfOther, other, secret.KeyName(other, k.ID)))
			}
		}
		return entries, w.DeleteMember(ctx, team, user)
	})
	return m.auditDenial(ctx, m.entry(ctx, c, memberDelete, team, name), err)
}

// manageOwner refuses who may not make, change and remove owners.
func manageOwner(c identity.Caller, team string) error {
	if err := authz.Decide(c, authz.OwnerManage, authz.Target{Team: team}).Err(); err != nil {
		return denial{err}
	}
	return nil
}

// mayChange refuses who may not change the member: owners are changed by owners.
func mayChange(c identity.Caller, member secret.Member) error {
	if member.Role != identity.RoleOwner {
		return nil
	}
	return manageOwner(c, member.Team)
}

// mayGive refuses who may not give the role: owners are made by owners, and a role that reads values is given with a key
// that may read them. Else who has stolen a key for managing could let somebody read.
func mayGive(c identity.Caller, team string, role identity.Role) error {
	if role == identity.RoleOwner {
		if err := manageOwner(c, team); err != nil {
			return err
		}
	}
	reads := authz.RoleMay(role, authz.VersionAccess)
	if reads && !authz.Decide(c, authz.VersionAccess, authz.Target{Team: team}).Allowed {
		return denial{errdefs.New(errdefs.PermissionDenied, "SCOPE_EXCEEDED",
			"API key %s lacks the scope read, so it can't give the role %s, which may read values", c.APIKeyID, role)}
	}
	return nil
}

// keepOwner refuses to take away the last owner, or the last one who can act as one: an owner without a personal key gets none
// but from another owner.
func (m *Manager) keepOwner(ctx context.Context, r store.Reader, member secret.Member) error {
	if member.Role != identity.RoleOwner {
		return nil
	}
	others, err := r.CountOtherOwners(ctx, member.Team, member.UserID, m.Now())
	if err == nil && others == 0 {
		err = errdefs.New(errdefs.FailedPrecondition, "LAST_OWNER",
			"user %s is the last owner of team %s with a key: make another member an owner and give it a key first", member.UserID, member.Team)
	}
	return err
}
