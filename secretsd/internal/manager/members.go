package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
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
		members, _, err := w.CountMembers(ctx, team)
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
	return member, err
}

// ListMembers returns at most limit members of a team by user, those after a user, and whether there are more.
func (m *Manager) ListMembers(
	ctx context.Context, c identity.Caller, team, after string, limit int,
) (list []secret.Member, more bool, err error) {
	if err := m.allow(ctx, c, memberList, team, secret.TeamName(team)); err != nil {
		return nil, false, err
	}
	err = m.view(ctx, memberList, func(r store.Reader) error {
		list, err = r.Members(ctx, team, after, limit+1)
		return err
	})
	list, more = page(list, limit)
	return list, more, err
}

// UpdateMember changes a member's role. A team keeps at least one admin.
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
		if role != identity.RoleAdmin {
			if err := keepAdmin(ctx, w, member); err != nil {
				return name, err
			}
		}
		member.Role = role
		return name, w.SetRole(ctx, team, user, role)
	})
	return member, err
}

// DeleteMember removes a user from a team, revokes the user's keys whose home it is, and takes the team from the user's
// other keys. A team keeps at least one admin.
func (m *Manager) DeleteMember(ctx context.Context, c identity.Caller, team, user string) error {
	name := secret.MemberName(team, user)
	if err := m.allow(ctx, c, memberDelete, team, name); err != nil {
		return err
	}
	return m.changeTeams(ctx, memberDelete, func(w store.Writer) ([]audit.Entry, error) {
		member, err := w.Member(ctx, team, user)
		if err != nil {
			return nil, err
		}
		if err := keepAdmin(ctx, w, member); err != nil {
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
}

// keepAdmin refuses to take away the last admin.
func keepAdmin(ctx context.Context, r store.Reader, member secret.Member) error {
	if member.Role != identity.RoleAdmin {
		return nil
	}
	_, admins, err := r.CountMembers(ctx, member.Team)
	if err == nil && admins == 1 {
		err = errdefs.New(errdefs.FailedPrecondition, "LAST_ADMIN",
			"user %s is the last admin of team %s: make another member an admin first", member.UserID, member.Team)
	}
	return err
}
