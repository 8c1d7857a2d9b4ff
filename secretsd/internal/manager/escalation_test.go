package manager_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// conspiracy is a team with a restricted secret, and two members who want to read it: mallory, an admin who has no right to
// the value, and bob, who may use it. They share all keys that they come by, and try whatever the API offers. Meanwhile the
// owner olga and carol, who may read the secret, go on with their lives.
type conspiracy struct {
	*fixture
	rt *rapid.T
	// keys are the conspirators'; own are olga's and carol's.
	keys []apikey.Key
	own  map[string]apikey.Key
	ids  []string // of grants
}

var people = []string{"olga", "mallory", "bob", "carol", "ci", "alias"}

func draw[T any](c *conspiracy, what string, list ...T) T {
	return rapid.SampledFrom(list).Draw(c.rt, what)
}

// conspire makes the team. Its value was added before, by olga.
func conspire(t *testing.T, rt *rapid.T) *conspiracy {
	t.Helper()
	c := &conspiracy{fixture: newFixture(t), rt: rt, own: map[string]apikey.Key{}}
	ctx := t.Context()
	olga := c.ada
	for i, role := range []identity.Role{identity.RoleOwner, identity.RoleAdmin, identity.RoleMember, identity.RoleMember, identity.RoleService} {
		user := people[i]
		_, err := c.CreateMember(ctx, olga, "ml", user, role)
		must(t, err)
		_, key, err := c.CreateAPIKey(ctx, olga, manager.NewAPIKey{Team: "ml", UserID: user, Scopes: olga.Scopes})
		must(t, err)
		if user == "mallory" || user == "bob" {
			c.keys = append(c.keys, key)
		} else {
			c.own[user] = key
		}
	}
	_, _, err := c.CreateSecret(ctx, olga, manager.NewSecret{
		Team: "ml", Name: "S", Value: redact.New([]byte("value")), Restricted: true,
		Injection: secret.Injection{BrokerOnly: true, Hosts: []string{"api.example.com"}},
	})
	must(t, err)
	c.grant("bob", secret.RightUse)
	c.grant("carol", secret.RightAccess, secret.RightUse)
	return c
}

// grant is what olga grants by name.
func (c *conspiracy) grant(user string, rights ...secret.Right) {
	g, err := c.CreateGrant(c.t.Context(), c.as(c.own["olga"]), "ml", "S", secret.Grant{UserID: user, Rights: rights})
	if errdefs.KindOf(err) == errdefs.NotFound { // the conspirators have removed the user, or deleted the secret
		return
	}
	must(c.t, err)
	c.ids = append(c.ids, g.ID)
}

// attempt is one thing that the conspirators do, with one of their keys.
func (c *conspiracy) attempt() string {
	ctx := c.t.Context()
	as, err := c.Authenticate(ctx, draw(c, "key", c.keys...), "")
	if err != nil {
		return "a key that is not valid any more"
	}
	user := draw(c, "user", people...)
	role := draw(c, "role", identity.Roles...)
	switch what := rapid.IntRange(0, 13).Draw(c.rt, "what"); what {
	case 0:
		_, err = c.CreateMember(ctx, as, "ml", user, role)
		return fmt.Sprintln("CreateMember", as.UserID, user, role, err)
	case 1:
		_, err = c.UpdateMember(ctx, as, "ml", user, role)
		return fmt.Sprintln("UpdateMember", as.UserID, user, role, err)
	case 2:
		if user == "mallory" || user == "bob" {
			return "stay"
		}
		return fmt.Sprintln("DeleteMember", as.UserID, user, c.DeleteMember(ctx, as, "ml", user))
	case 3, 4, 5, 6:
		n := manager.NewAPIKey{Team: "ml", UserID: user, Scopes: draw(c, "scopes", c.ada.Scopes, c.ada.Scopes, runManage, run)}
		if rapid.Bool().Draw(c.rt, "own") {
			n.UserID = ""
		}
		_, key, err := c.CreateAPIKey(ctx, as, n)
		if err == nil {
			c.keys = append(c.keys, key)
		}
		return fmt.Sprintln("CreateAPIKey", as.UserID, n.UserID, n.Scopes, err)
	case 7, 8:
		g := secret.Grant{Rights: rapid.SliceOfNDistinct(rapid.SampledFrom(secret.Rights), 1, 6, rapid.ID).Draw(c.rt, "rights")}
		if rapid.Bool().Draw(c.rt, "to a user") {
			g.UserID = user
		} else if g.Role = role; role == identity.RoleOwner {
			g.Role = identity.RoleMember
		}
		made, err := c.CreateGrant(ctx, as, "ml", "S", g)
		if err == nil {
			c.ids = append(c.ids, made.ID)
		}
		return fmt.Sprintln("CreateGrant", as.UserID, g.UserID, g.Role, g.Rights, err)
	case 9:
		if rapid.IntRange(0, 3).Draw(c.rt, "deletes") > 0 {
			return "leaves the grants"
		}
		return fmt.Sprintln("DeleteGrant", as.UserID, c.DeleteGrant(ctx, as, "ml", "S", draw(c, "grant", c.ids...)))
	case 10:
		restricted := rapid.Bool().Draw(c.rt, "restricted")
		_, err := c.UpdateSecret(ctx, as, manager.SecretUpdate{Team: "ml", Name: "S", Restricted: &restricted})
		return fmt.Sprintln("UpdateSecret", as.UserID, "restricted", restricted, err)
	case 11:
		injection := draw(c, "injection", secret.Injection{}, secret.Injection{BrokerOnly: true, Hosts: []string{"evil.example.com"}})
		_, err := c.UpdateSecret(ctx, as, manager.SecretUpdate{Team: "ml", Name: "S", Injection: &injection})
		return fmt.Sprintln("UpdateSecret", as.UserID, injection, err)
	case 12:
		_, _, err = c.AddSecretVersion(ctx, as, manager.NewVersion{Team: "ml", Name: "S", Value: redact.New([]byte("theirs"))})
		return fmt.Sprintln("AddSecretVersion", as.UserID, err)
	default:
		k := draw(c, "revoked", append([]apikey.Key{c.own["olga"], c.own["carol"]}, c.keys[1:]...)...)
		_, err = c.RevokeAPIKey(ctx, as, "ml", k.ID())
		return fmt.Sprintln("RevokeAPIKey", as.UserID, err)
	}
}

// live is what olga and carol do, who mean no harm: olga gives carol and ci rights and roles, and makes them keys, and carol
// makes keys of her own.
func (c *conspiracy) live() string {
	ctx := c.t.Context()
	olga := c.as(c.own["olga"])
	user := draw(c, "friend", "carol", "ci")
	switch rapid.IntRange(0, 3).Draw(c.rt, "life") {
	case 0:
		c.grant(user, draw(c, "given", secret.RightUse, secret.RightAccess, secret.RightManage), secret.RightList)
		return "olga grants to " + user
	case 1:
		role := draw(c, "friend's role", identity.Roles...)
		_, err := c.UpdateMember(ctx, olga, "ml", user, role)
		return fmt.Sprintln("olga makes", user, role, err)
	case 2:
		_, err := c.CreateMember(ctx, olga, "ml", user, identity.RoleMember)
		_, key, kerr := c.CreateAPIKey(ctx, olga, manager.NewAPIKey{Team: "ml", UserID: user, Scopes: olga.Scopes})
		if kerr == nil {
			c.own[user] = key
		}
		return fmt.Sprintln("olga makes a key for", user, err, kerr)
	default:
		as, err := c.Authenticate(ctx, c.own[user], "")
		if err == nil {
			_, _, err = c.CreateAPIKey(ctx, as, manager.NewAPIKey{Team: "ml", Scopes: as.Scopes})
		}
		return fmt.Sprintln(user, "makes a key", err)
	}
}

// reads says who of the conspirators gets the value that olga added, by which way; "" when nobody does.
func (c *conspiracy) reads() string {
	ctx := c.t.Context()
	for _, k := range c.keys {
		as, err := c.Authenticate(ctx, k, sandboxd)
		if err != nil {
			continue
		}
		a, err := c.AccessSecretVersion(ctx, as, secret.Ref{Team: "ml", Name: "S", Version: 1})
		if err == nil && string(a.Value.Reveal()) == "value" {
			return "AccessSecretVersion by a key of " + as.UserID
		}
		// bob may use it, but through a broker only: no sandbox may get the value itself.
		values, err := c.BatchAccess(ctx, as, manager.Batch{Team: "ml", Refs: []secret.Ref{{Team: "ml", Name: "S", Version: 1}}, SandboxID: "s"})
		if err == nil && len(values) > 0 {
			return "BatchAccess by a key of " + as.UserID
		}
	}
	return ""
}

// TestUseNeverBecomesAccess: no sequence of grants, role changes, restrictions, injection policies and key making by people
// without access lets them read the secret.
func TestUseNeverBecomesAccess(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := conspire(t, rt)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			did := c.attempt()
			if rapid.IntRange(0, 2).Draw(rt, "lives") == 0 {
				did += c.live()
			}
			c.now = c.now.Add(time.Minute)
			if way := c.reads(); way != "" {
				rt.Fatalf("%s, after %s", way, did)
			}
			for len(c.keys) > 6 { // a few keys of many are enough; the first two are the conspirators' own
				at := rapid.IntRange(2, len(c.keys)-1).Draw(rt, "forgotten")
				c.keys = slices.Delete(c.keys, at, at+1)
			}
		}
	})
}

// TestTheTriesWouldFindAWay: the same tries succeed with each of the things that must not fall into the wrong hands.
func TestTheTriesWouldFindAWay(t *testing.T) {
	for name, leak := range map[string]func(*conspiracy){
		"a key of the owner's": func(c *conspiracy) { c.keys = append(c.keys, c.own["olga"]) },
		"a key of carol's":     func(c *conspiracy) { c.keys = append(c.keys, c.own["carol"]) },
		"access for a role": func(c *conspiracy) {
			_, err := c.CreateGrant(c.t.Context(), c.as(c.own["olga"]), "ml", "S", secret.Grant{Role: identity.RoleAuditor, Rights: []secret.Right{secret.RightAccess}})
			must(c.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			rapid.Check(t, func(rt *rapid.T) {
				if found {
					return
				}
				c := conspire(t, rt)
				leak(c)
				for range 5 {
					c.attempt()
				}
				found = c.reads() != ""
			})
			if !found {
				t.Error("the tries do not even find the way that there is")
			}
		})
	}
}
