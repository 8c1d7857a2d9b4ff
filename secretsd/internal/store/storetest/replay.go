package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// The states of a thing. A version has its own, and scheduled.
const (
	absent    = ""
	present   = "PRESENT"
	deleted   = "DELETED"
	revoked   = "REVOKED"
	scheduled = "DISABLED until it is destroyed"

	enabled   = string(secret.Enabled)
	disabled  = string(secret.Disabled)
	destroyed = string(secret.Destroyed)
)

// replay is what the log says there is.
type replay struct {
	// there has the states that a thing may be in, by its resource name; one that it does not have is absent.
	there map[string][]string
	// gone are the deleted teams: what the log says of their things afterwards is how they ended.
	gone []string
}

// words say what an allowed action does. Those that change nothing that is compared do nothing.
var words = map[string]func(p *replay, e audit.Entry){
	"team.create": func(p *replay, e audit.Entry) {
		p.set(e.Resource, present)
		p.set(secret.MemberName(e.Team, e.UserID), present)
	},
	"team.delete": func(p *replay, e audit.Entry) {
		p.remove(e.Resource)
		p.gone = append(p.gone, e.Team)
	},
	"member.create": setTo(present),
	"member.delete": func(p *replay, e audit.Entry) {
		p.remove(e.Resource)
		team := secret.TeamName(e.Team)
		user := strings.TrimPrefix(e.Resource, secret.MemberName(e.Team, ""))
		for name := range p.there { // what is the user's ends too; of keys and trusts the log does not say whose they are
			switch {
			case strings.HasPrefix(name, team+"/apiKeys/"):
				p.maybe(name, revoked, absent)
			case strings.HasPrefix(name, team+"/oidcTrusts/"), strings.HasPrefix(name, team+"/secrets/") && strings.Contains(name, "/grants/user-"+user+"-"):
				p.maybe(name, absent)
			}
		}
	},

	"key.create": func(p *replay, e audit.Entry) {
		if e.Team != "" { // the operator's first key is in no team's list
			p.set(e.Resource, present)
		}
	},
	"key.exchange": func(p *replay, e audit.Entry) { // some time after it has expired, the key is forgotten
		p.set(secret.KeyName(e.Team, e.APIKeyID), present, absent)
	},
	"key.revoke": func(p *replay, e audit.Entry) {
		if e.Team != "" {
			p.become(e.Resource, map[string]string{present: revoked})
		}
	},
	"trust.create": setTo(present),
	"trust.delete": removed,

	"secret.create": func(p *replay, e audit.Entry) {
		p.set(e.Resource, present)
		p.set(e.Resource+"/versions/1", enabled, absent) // with a value or without: the entry does not say
	},
	"secret.delete":   setTo(deleted),
	"secret.expire":   setTo(deleted),
	"secret.undelete": setTo(present),
	"secret.purge":    removed,
	"key.purge":       removed,
	"grant.create":    setTo(present),
	"grant.delete":    removed,

	"version.add":    setTo(enabled),
	"version.enable": setTo(enabled),
	"version.disable": func(p *replay, e audit.Entry) {
		p.become(e.Resource, map[string]string{enabled: disabled, absent: disabled})
	},
	"version.revoke": func(p *replay, e audit.Entry) {
		p.become(e.Resource, map[string]string{enabled: disabled, absent: disabled})
	},
	"version.destroy": func(p *replay, e audit.Entry) {
		if e.UserID == "" || slices.Equal(p.there[e.Resource], []string{destroyed}) { // its time has come
			p.set(e.Resource, destroyed)
			return
		}
		p.set(e.Resource, destroyed, scheduled)
	},
}

func init() {
	for _, action := range []string{
		"team.get", "team.update", "team.rotate_key", "team.reseal", "team.retire_key", "kek.get", "kek.rotate", "kek.rewrap", "kek.retire",
		"member.list", "member.update", "key.list", "key.rotate", "key.authenticate", "trust.list", "grant.list",
		"secret.get", "secret.list", "secret.update", "secret.restrict", "secret.open", "secret.inject", "secret.uses",
		"version.get", "version.list", "version.access", "version.use", "request.purge", "user.purge", "receipt.purge", "revocation.purge", "sandbox.end", "sandbox.adopt", "workload.end", "revocation.watch",
		"audit.read", "audit.tail", "audit.export", "audit.verify", "audit.remove", "audit.accept_loss",
		"test", // what tests do beside the manager
	} {
		words[action] = func(*replay, audit.Entry) {}
	}
}

// Knows says whether Disagreements has a word for an action.
func Knows(action string) bool { return words[action] != nil }

func setTo(state string) func(*replay, audit.Entry) {
	return func(p *replay, e audit.Entry) { p.set(e.Resource, state) }
}

func removed(p *replay, e audit.Entry) { p.remove(e.Resource) }

// apply says whether there is a word for the entry's action.
func (p *replay) apply(e audit.Entry) bool {
	word := words[e.Action]
	if word != nil && !slices.Contains(p.gone, e.Team) {
		word(p, e)
	}
	return word != nil
}

func (p *replay) set(name string, states ...string) { p.there[name] = states }

// maybe adds states to those that a thing may be in.
func (p *replay) maybe(name string, states ...string) {
	for _, state := range states {
		if !slices.Contains(p.there[name], state) {
			p.there[name] = append(p.there[name], state)
		}
	}
}

// become changes each state that a thing may be in, as next says.
func (p *replay) become(name string, next map[string]string) {
	var states []string
	for _, state := range p.there[name] {
		if to, ok := next[state]; ok {
			state = to
		}
		if !slices.Contains(states, state) {
			states = append(states, state)
		}
	}
	p.there[name] = states
}

// remove removes a thing and what is below it.
func (p *replay) remove(name string) {
	for other := range p.there {
		if other == name || strings.HasPrefix(other, name+"/") {
			delete(p.there, other)
		}
	}
}

// compare returns a sentence for each thing that is not as the log says.
func (p *replay) compare(data map[string]string) (found []string) {
	for name, state := range data {
		switch want := p.there[name]; {
		case len(want) == 0:
			found = append(found, fmt.Sprintf("%s is %s, and no entry says so", name, state))
		case !slices.Contains(want, state):
			found = append(found, fmt.Sprintf("%s is %s, and by the log it is %s", name, state, strings.Join(want, " or ")))
		}
	}
	for name, want := range p.there {
		if _, ok := data[name]; !ok && !slices.Contains(want, absent) {
			found = append(found, fmt.Sprintf("%s is in the log, and is not there", name))
		}
	}
	slices.Sort(found)
	return found
}
