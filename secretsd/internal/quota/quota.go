// Package quota says how often a caller may call, and how often all callers of a team together: reads, writes and accesses
// to values apart. It is in memory only, so a restart fills it, and a refusal costs no write.
package quota

import (
	"slices"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/ratelimit"
)

// Class is a kind of call.
type Class string

// The classes.
const (
	// Reads see metadata.
	Reads Class = "reads"
	// Writes change something.
	Writes Class = "writes"
	// Accesses give values, in an answer or into a sandbox. A batch is one.
	Accesses Class = "accesses"
)

// readVerbs are what the names of rpcs that change nothing begin with.
var readVerbs = []string{"Get", "List", "WhoAmI", "Test", "Verify", "Tail", "Export", "Watch"}

// ClassOf returns the class of an rpc by its name, such as GetSecret. One that it has no better idea of is a write, which
// has the narrowest limit.
func ClassOf(method string) Class {
	if strings.HasPrefix(method, "Access") || strings.HasPrefix(method, "BatchAccess") {
		return Accesses
	}
	if slices.ContainsFunc(readVerbs, func(verb string) bool { return strings.HasPrefix(method, verb) }) {
		return Reads
	}
	return Writes
}

// Rates are the limits of one caller, or of one team.
type Rates map[Class]ratelimit.Rate

// Quota counts calls. It is safe for concurrent use.
type Quota struct {
	caller, team map[Class]*ratelimit.Buckets
}

// New returns a quota that nobody has used. A class without a rate is not limited.
func New(caller, team Rates) *Quota {
	return &Quota{caller: buckets(caller), team: buckets(team)}
}

func buckets(rates Rates) map[Class]*ratelimit.Buckets {
	b := map[Class]*ratelimit.Buckets{}
	for _, class := range []Class{Reads, Writes, Accesses} {
		b[class] = ratelimit.New(rates[class])
	}
	return b
}

// Take counts a call of a caller's on a team, "" for none, at a time. The caller is the user, so that more keys are no more
// calls; a workload that calls in its own name has none, and is not counted. A team that the caller is not in is not counted:
// strangers can't use up a team's quota.
//
// The error is RESOURCE_EXHAUSTED (reason RATE_LIMITED), with the time after which a call will pass, and as metadata whose
// limit it is: `limit` is `caller` or `team`, `class` the class.
func (q *Quota) Take(c identity.Caller, class Class, team string, now time.Time) error {
	if c.UserID == "" {
		return nil
	}
	if wait := q.caller[class].Take(c.Name(), now); wait > 0 {
		return limited("caller", "user "+c.Name(), class, wait)
	}
	if !c.MemberOf(team) {
		return nil
	}
	if wait := q.team[class].Take(team, now); wait > 0 {
		return limited("team", "team "+team, class, wait)
	}
	return nil
}

func limited(whose, name string, class Class, wait time.Duration) error {
	e := errdefs.New(errdefs.ResourceExhausted, "RATE_LIMITED", "%s has made too many calls that are %s: try again in %v",
		name, class, wait.Round(time.Millisecond)).WithMetadata("limit", whose).WithMetadata("class", string(class))
	e.RetryAfter = wait
	return e
}
