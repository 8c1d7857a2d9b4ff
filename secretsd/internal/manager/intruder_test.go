package manager_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// intruder is an admin of team ml who tries at random whatever the API offers, with every key that the API gave out to
// such tries, to get a key that acts in team ops.
type intruder struct {
	*fixture
	rand *rand.Rand
	// keys are those it works with; the first is its own, which it does not risk.
	keys []apikey.Key
	// ids are those of all keys that it has seen.
	ids  map[string]bool
	made int
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// some is a random part of a list.
func some[T any](r *rand.Rand, list []T) (part []T) {
	for _, x := range list {
		if r.IntN(len(list)) < 2 {
			part = append(part, x)
		}
	}
	return part
}

// step does one thing, and says in words what.
func (i *intruder) step() string {
	ctx, r := i.t.Context(), i.rand
	c, err := i.Authenticate(ctx, pick(r, i.keys...), "")
	if err != nil {
		return "a key that is not valid any more"
	}
	team, user := pick(r, "ml", "ml", "ml", "ops"), pick(r, "ada", "grace", "mallory")
	switch r.IntN(8) {
	case 0:
		_, err = i.CreateMember(ctx, c, team, user, pick(r, identity.RoleOwner, identity.RoleAdmin, identity.RoleMember))
		return fmt.Sprintln("CreateMember", team, user, err)
	case 1:
		if user == "mallory" {
			return "stays an admin"
		}
		_, err = i.UpdateMember(ctx, c, team, user, pick(r, identity.RoleOwner, identity.RoleAdmin, identity.RoleMember))
		return fmt.Sprintln("UpdateMember", team, user, err)
	case 2:
		if user == "mallory" {
			return "stays"
		}
		return fmt.Sprintln("DeleteMember", team, user, i.DeleteMember(ctx, c, team, user))
	case 3:
		list, _, err := i.ListAPIKeys(ctx, c, team, secret.KeyPosition{}, 1000)
		for _, k := range list {
			i.ids[k.ID] = true
		}
		return fmt.Sprintln("ListAPIKeys", team, err)
	case 4:
		if len(i.ids) == 0 || r.IntN(4) > 0 {
			return "revokes nothing"
		}
		id := pick(r, slices.Sorted(maps.Keys(i.ids))...)
		if id == i.keys[0].ID() {
			return "keeps its own"
		}
		_, err = i.RevokeAPIKey(ctx, c, team, id)
		return fmt.Sprintln("RevokeAPIKey", team, id, err)
	default:
		n := manager.NewAPIKey{Team: team, Scopes: some(r, []identity.Scope{identity.ScopeRun, identity.ScopeManage})}
		if r.IntN(2) == 0 {
			n.UserID = user
		}
		if r.IntN(2) == 0 {
			n.OtherKeys = append(some(r, i.keys), pick(r, i.keys...))
		}
		_, key, err := i.CreateAPIKey(ctx, c, n)
		if err == nil {
			i.keys = append(i.keys, key)
			i.made++
		}
		return fmt.Sprintln("CreateAPIKey", n.Team, n.UserID, n.Scopes, n.OtherKeys, err)
	}
}

// forget makes room for new tries: a few keys of many are enough.
func (i *intruder) forget() {
	for len(i.keys) > 8 {
		at := 1 + i.rand.IntN(len(i.keys)-1)
		i.keys = slices.Delete(i.keys, at, at+1)
	}
}

// getsIn says whether one of the intruder's keys acts in ops.
func (i *intruder) getsIn() bool {
	return slices.ContainsFunc(i.keys, func(k apikey.Key) bool {
		c, err := i.Authenticate(i.t.Context(), k, "")
		return err == nil && (c.MemberOf("ops") || c.Operator)
	})
}

// TestAdminOfOneTeamGetsIntoNoOther lets intruders try while the users whom they make keys for go on with their lives:
// ada and grace are members of both teams, grace and the operator ada are admins of ops, and both combine keys.
func TestAdminOfOneTeamGetsIntoNoOther(t *testing.T) {
	const steps = 300
	setUp := func(t *testing.T, seed uint64) (i *intruder, inOps apikey.Key) {
		f := newFixture(t)
		f.teams("ops")
		i = &intruder{fixture: f, rand: rand.New(rand.NewPCG(seed, 0)), ids: map[string]bool{}}
		i.keys = []apikey.Key{f.ownKey("ml", "mallory", runManage...)}
		_, err := f.UpdateMember(t.Context(), f.ada, "ml", "mallory", identity.RoleAdmin)
		must(t, err)
		inOps = f.ownKey("ops", "grace", runManage...)
		_, err = f.UpdateMember(t.Context(), f.adminOf("ops"), "ops", "grace", identity.RoleAdmin)
		must(t, err)
		f.combine(f.ownKey("ml", "grace", runManage...), inOps)
		f.combine(f.ownKey("ml", "ada", runManage...), f.ownKey("ops", "ada", runManage...))
		return i, inOps
	}
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			i, _ := setUp(t, seed)
			for range steps {
				if did := i.step(); i.getsIn() {
					t.Fatalf("in ops by %s", did)
				}
				i.forget()
			}
			if i.made < 10 {
				t.Errorf("the intruder has made %d keys only: the test tries too little", i.made)
			}
		})
	}
	// The same tries succeed once a key of grace's for ops is stolen: so they would find a way, if there were one.
	t.Run("with a stolen key", func(t *testing.T) {
		i, inOps := setUp(t, 0)
		for range steps {
			stolen := len(i.keys)
			i.keys = append(i.keys, inOps)
			i.step()
			i.keys = slices.Delete(i.keys, stolen, stolen+1)
			if i.getsIn() {
				return
			}
			i.forget()
		}
		t.Error("the tries do not even find the way that there is")
	})
}
