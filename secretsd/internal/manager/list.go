package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// SecretList says which secrets to list.
type SecretList struct {
	Team string
	// After is the name after which the list starts; empty is the start.
	After string
	Limit int
	// ShowDeleted lists deleted secrets, too.
	ShowDeleted bool
	// Match chooses; nil takes all.
	Match func(secret.Secret) bool
}

// ListSecrets returns secrets of a team by name, and whether there are more: of a member whose role lists none, those that
// a grant lets it list.
func (m *Manager) ListSecrets(
	ctx context.Context, c identity.Caller, l SecretList,
) (list []secret.Secret, more bool, err error) {
	byRole := authz.Decide(c, secretList.right, authz.Target{Team: l.Team}).Allowed
	if !byRole && !c.MemberOf(l.Team) {
		return nil, false, m.allow(ctx, c, secretList, l.Team, secret.TeamName(l.Team))
	}
	err = m.view(ctx, secretList, func(r store.Reader) error {
		match := func(s secret.Secret) (bool, error) {
			if s.Deleted() && !l.ShowDeleted || l.Match != nil && !l.Match(s) {
				return false, nil
			}
			if byRole {
				return true, nil
			}
			return m.granted(ctx, r, c, secretList, s)
		}
		list, more, err = pick(l.Limit, match, func(last *secret.Secret, limit int) ([]secret.Secret, error) {
			after := l.After
			if last != nil {
				after = last.Name
			}
			return r.Secrets(ctx, l.Team, after, limit)
		})
		return err
	})
	return list, more, err
}

// granted says whether a grant lets the caller do an operation on a secret.
func (m *Manager) granted(
	ctx context.Context, r store.Reader, c identity.Caller, op operation, s secret.Secret,
) (bool, error) {
	if !s.Granted {
		return false, nil
	}
	grants, err := r.Grants(ctx, s)
	if err != nil {
		return false, err
	}
	on := authz.Target{Team: s.Team, Secret: &secret.Policy{Restricted: s.Restricted, Grants: grants}, Facts: m.facts(c)}
	return authz.Decide(c, op.right, on).Allowed, nil
}

// VersionList says which versions to list.
type VersionList struct {
	Team, Name string
	// Before is the number below which the list starts; 0 is the start.
	Before int64
	Limit  int
	// Match chooses; nil takes all.
	Match func(secret.Version) bool
}

// ListSecretVersions returns versions of a secret, newest first, and whether there are more.
func (m *Manager) ListSecretVersions(
	ctx context.Context, c identity.Caller, l VersionList,
) (list []secret.Version, more bool, err error) {
	match := func(v secret.Version) (bool, error) { return l.Match == nil || l.Match(v), nil } //nolint:unparam // pick's other callers can fail
	err = m.viewSecret(ctx, c, versionList, l.Team, l.Name, secret.FullName(l.Team, l.Name), func(r store.Reader, s secret.Secret) (err error) {
		list, more, err = pick(l.Limit, match, func(last *secret.Version, limit int) ([]secret.Version, error) {
			before := l.Before
			if last != nil {
				before = last.Number
			}
			return r.Versions(ctx, s, before, limit)
		})
		return err
	})
	return list, more, err
}

// pick reads on through a list, by next, until limit items match or the list ends, and says whether one more matches. The
// first call of next gets nil, each further one the last item that the one before returned.
func pick[T any](limit int, match func(T) (bool, error), next func(last *T, limit int) ([]T, error)) ([]T, bool, error) {
	var list []T
	var last *T
	for size := limit + 1; ; size = max(size, 500) { // where much does not match, in few steps
		chunk, err := next(last, size)
		if err != nil {
			return nil, false, err
		}
		for _, item := range chunk {
			matches, err := match(item)
			if err != nil {
				return nil, false, err
			}
			if !matches {
				continue
			}
			if len(list) == limit {
				return list, true, nil
			}
			list = append(list, item)
		}
		if len(chunk) < size {
			return list, false, nil
		}
		last = &chunk[len(chunk)-1]
	}
}
