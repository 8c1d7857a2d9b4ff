package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Disagreements compares the audit log with the data, both ways: what the log says was made, changed and removed must be so,
// and what is there must be in the log. It verifies the chain too. It returns a sentence for each difference; none when
// all is well.
//
// It replays what changes teams, members, keys, secrets and versions. Of a thing that an action has changed which it does
// not know, it compares nothing.
func Disagreements(ctx context.Context, s store.Store) (found []string, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		rep, err := audit.Verify(ctx, r)
		if err != nil {
			return err
		}
		if rep.Broken != 0 {
			found = append(found, rep.Detail)
		}
		log := &replay{there: map[string]string{}, unsure: map[string]bool{}}
		for after := int64(0); ; {
			page, err := r.AuditEntries(ctx, "", after, 1000)
			if err != nil {
				return err
			}
			for _, e := range page {
				if e.Decision == audit.Allowed {
					log.apply(e)
				}
				after = e.Sequence
			}
			if len(page) < 1000 {
				break
			}
		}
		data, err := read(ctx, r)
		if err != nil {
			return err
		}
		found = append(found, log.compare(data)...)
		return nil
	})
	return found, err
}

// The states of a thing. A version's is its own.
const (
	present = "PRESENT"
	revoked = "REVOKED"
)

// replay is what the log says there is, by resource name.
type replay struct {
	there  map[string]string
	unsure map[string]bool
}

func (p *replay) apply(e audit.Entry) {
	switch e.Action {
	case "team.create":
		p.there[e.Resource] = present
		p.there[secret.MemberName(e.Team, e.UserID)] = present
	case "member.create", "key.create":
		if e.Team != "" { // the operator's first key is in no team's list
			p.there[e.Resource] = present
		}
	case "secret.create":
		p.there[e.Resource] = present
		p.unsure[e.Resource+"/versions/1"] = true // with a value or without: the entry does not say
	case "version.add":
		p.there[e.Resource] = string(secret.Enabled)
	case "version.enable", "version.disable", "version.destroy":
		if p.there[e.Resource] != string(secret.Destroyed) {
			p.there[e.Resource] = map[string]string{
				"version.enable": string(secret.Enabled), "version.disable": string(secret.Disabled), "version.destroy": string(secret.Destroyed),
			}[e.Action]
		}
	case "key.revoke":
		p.there[e.Resource] = revoked
	case "secret.purge":
		for name := range p.there {
			if name == e.Resource || strings.HasPrefix(name, e.Resource+"/") {
				delete(p.there, name)
			}
		}
	case "member.delete":
		delete(p.there, e.Resource)
		for name := range p.there { // keys of the user end with it: whose they are is not in the log
			if strings.HasPrefix(name, secret.TeamName(e.Team)+"/apiKeys/") {
				p.unsure[name] = true
			}
		}
	case "version.access", "version.use", "secret.update", "secret.delete", "secret.undelete", "secret.expire", "request.purge", "member.update", "audit.read", "audit.verify":
	default:
		p.unsure[e.Resource] = true
	}
}

func (p *replay) compare(data map[string]string) (found []string) {
	for name, state := range data {
		switch want, ok := p.there[name]; {
		case p.isUnsure(name):
		case !ok:
			found = append(found, fmt.Sprintf("%s is %s, and no entry says so", name, state))
		case want != state:
			found = append(found, fmt.Sprintf("%s is %s, and by the log it is %s", name, state, want))
		}
	}
	for name := range p.there {
		if _, ok := data[name]; !ok && !p.isUnsure(name) {
			found = append(found, fmt.Sprintf("%s is in the log, and is not there", name))
		}
	}
	slices.Sort(found)
	return found
}

// isUnsure says whether the thing, or one that it belongs to, was changed in a way that is not replayed.
func (p *replay) isUnsure(name string) bool {
	for name != "" {
		if p.unsure[name] {
			return true
		}
		name = name[:max(0, strings.LastIndex(name, "/"))]
	}
	return false
}

// read returns what there is, by resource name.
func read(ctx context.Context, r store.Reader) (map[string]string, error) {
	const most = 100_000
	data := map[string]string{}
	teams, err := r.Teams(ctx, "", most)
	if err != nil {
		return nil, err
	}
	for _, team := range teams {
		data[secret.TeamName(team.ID)] = present
		members, err := r.Members(ctx, team.ID, "", most)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			data[secret.MemberName(team.ID, m.UserID)] = present
		}
		keys, err := r.APIKeys(ctx, team.ID, "", secret.KeyPosition{}, most)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			data[secret.KeyName(team.ID, k.ID)] = present
			if !k.RevokeTime.IsZero() {
				data[secret.KeyName(team.ID, k.ID)] = revoked
			}
		}
		secrets, err := r.Secrets(ctx, team.ID, "", most)
		if err != nil {
			return nil, err
		}
		for _, s := range secrets {
			data[secret.FullName(team.ID, s.Name)] = present
			versions, err := r.Versions(ctx, s, 0, most)
			if err != nil {
				return nil, err
			}
			for _, v := range versions {
				data[secret.VersionName(team.ID, s.Name, v.Number)] = string(v.State)
			}
			if len(versions) > 0 && versions[0].Number != s.LatestVersion {
				data[secret.FullName(team.ID, s.Name)] = fmt.Sprintf("said to have %d versions, and has %d", s.LatestVersion, versions[0].Number)
			}
		}
	}
	return data, nil
}
