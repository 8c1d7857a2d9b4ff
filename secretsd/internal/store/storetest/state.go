package storetest

import (
	"context"
	"fmt"

	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// most is how many of each kind a test has at the most.
const most = 100_000

// stateOf returns what there is, by resource name.
func stateOf(ctx context.Context, r store.Reader) (map[string]string, error) {
	data := map[string]string{}
	teams, err := r.Teams(ctx, "", most)
	if err != nil {
		return nil, err
	}
	for _, team := range teams {
		data[secret.TeamName(team.ID)] = present
		if err := whoIsIn(ctx, r, team.ID, data); err != nil {
			return nil, err
		}
		secrets, err := r.Secrets(ctx, team.ID, "", most)
		if err != nil {
			return nil, err
		}
		for _, s := range secrets {
			if err := whatIsIn(ctx, r, s, data); err != nil {
				return nil, err
			}
		}
	}
	return data, nil
}

// whoIsIn adds a team's members, keys and trusts.
func whoIsIn(ctx context.Context, r store.Reader, team string, data map[string]string) error {
	members, err := r.Members(ctx, team, "", most)
	if err != nil {
		return err
	}
	for _, m := range members {
		data[secret.MemberName(team, m.UserID)] = present
	}
	keys, err := r.APIKeys(ctx, team, "", secret.KeyPosition{}, most)
	if err != nil {
		return err
	}
	for _, k := range keys {
		data[secret.KeyName(team, k.ID)] = present
		if !k.RevokeTime.IsZero() {
			data[secret.KeyName(team, k.ID)] = revoked
		}
	}
	trusts, err := r.OIDCTrusts(ctx, team, "", most)
	for _, t := range trusts {
		data[secret.TrustName(team, t.ID)] = present
	}
	return err
}

// whatIsIn adds a secret with its versions and grants.
func whatIsIn(ctx context.Context, r store.Reader, s secret.Secret, data map[string]string) error {
	name := secret.FullName(s.Team, s.Name)
	data[name] = present
	if s.Deleted() {
		data[name] = deleted
	}
	versions, err := r.Versions(ctx, s, 0, most)
	if err != nil {
		return err
	}
	for _, v := range versions {
		state := string(v.State)
		if !v.ScheduledDestroyTime.IsZero() {
			state = scheduled
		}
		data[secret.VersionName(s.Team, s.Name, v.Number)] = state
	}
	if len(versions) > 0 && versions[0].Number != s.LatestVersion {
		data[name] = fmt.Sprintf("said to have %d versions, and has %d", s.LatestVersion, versions[0].Number)
	}
	grants, err := r.Grants(ctx, s)
	for _, g := range grants {
		data[secret.GrantName(s.Team, s.Name, g.ID)] = present
	}
	return err
}
