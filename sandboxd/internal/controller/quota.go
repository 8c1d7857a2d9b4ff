package controller

import (
	"context"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/ratelimit"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// fullAgain is when to try again where a place is free as soon as a sandbox ends, which nobody knows.
const fullAgain = time.Second

// The quotas' names in errors and metrics.
const (
	quotaSandboxes = "sandboxes"
	quotaCPU       = "cpu_millis"
	quotaMemory    = "memory_bytes"
)

// places counts what the sandboxes that there are, being made, running and stopping, take of the operator's limit and the teams'
// quotas. A sandbox takes its place in admit, or as an adopted one in take, and gives it back in release; in between nothing of it
// changes. It is safe for concurrent use.
type places struct {
	max    int
	quotas sandbox.Quotas
	starts map[string]*ratelimit.Buckets // of the teams that Quotas.Teams names
	others *ratelimit.Buckets

	mu    sync.Mutex
	taken map[string]place // by sandbox id
	teams map[string]use
}

type place struct {
	team string
	use  use
}

// use is what sandboxes take together.
type use struct{ sandboxes, cpuMillis, memoryBytes int64 }

func (u use) plus(v use) use {
	return use{u.sandboxes + v.sandboxes, u.cpuMillis + v.cpuMillis, u.memoryBytes + v.memoryBytes}
}

func (u use) minus(v use) use { return u.plus(use{-v.sandboxes, -v.cpuMillis, -v.memoryBytes}) }

func newPlaces(maxSandboxes int, quotas sandbox.Quotas) *places {
	p := &places{
		max: maxSandboxes, quotas: quotas, starts: map[string]*ratelimit.Buckets{}, others: startsOf(quotas.Team),
		taken: map[string]place{}, teams: map[string]use{},
	}
	for team, q := range quotas.Teams {
		p.starts[team] = startsOf(q)
	}
	return p
}

func startsOf(q sandbox.Quota) *ratelimit.Buckets {
	return ratelimit.New(ratelimit.Rate{PerSecond: q.StartsPerSecond, Burst: q.StartsBurst})
}

func placeOf(sb sandbox.Sandbox) place {
	return place{sb.Team, use{1, sb.Spec.Resources.CPUMillis, sb.Spec.Resources.MemoryBytes}}
}

// admit gives a new sandbox its place. A sandbox that would never fit is InvalidArgument, with a violation; one that does not fit now
// is ResourceExhausted, with the time after which to try again: TOO_MANY_SANDBOXES for the operator's limit, QUOTA_EXCEEDED for the
// team's quota, whose metadata names the team, the quota, its limit and what of it is used.
func (p *places) admit(sb sandbox.Sandbox, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.max > 0 && len(p.taken) >= p.max {
		return full(errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_SANDBOXES",
			"there are %d sandboxes already, the most that the operator allows; stop one, or try later", p.max))
	}
	quota, starts := p.quotas.Of(sb.Team), p.others
	if own, ok := p.starts[sb.Team]; ok {
		starts = own
	}
	asked := placeOf(sb)
	if err := checkQuota(quota, sb.Team, p.teams[sb.Team], asked.use); err != nil {
		return err
	}
	// Last: what is refused for another reason is no start.
	if wait := starts.Take(sb.Team, now); wait > 0 {
		e := exceeded(sb.Team, "starts_per_second", int64(quota.StartsPerSecond), int64(quota.StartsPerSecond),
			"team %s has started too many sandboxes: it may start %d a second in the long run; try again in %v",
			sb.Team, quota.StartsPerSecond, wait.Round(time.Millisecond))
		e.RetryAfter = wait
		return e
	}
	p.put(sb.ID, asked)
	return nil
}

// take gives a sandbox that runs already its place, whatever the limits are now.
func (p *places) take(sb sandbox.Sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(sb.ID, placeOf(sb))
}

func (p *places) put(id string, at place) {
	p.taken[id] = at
	p.teams[at.team] = p.teams[at.team].plus(at.use)
}

// release gives back a sandbox's place; one that has none is no error.
func (p *places) release(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.taken[id]
	if !ok {
		return
	}
	delete(p.taken, id)
	if left := p.teams[at.team].minus(at.use); left.sandboxes > 0 {
		p.teams[at.team] = left
	} else {
		delete(p.teams, at.team)
	}
}

// inUse is what each team that has sandboxes takes.
func (p *places) inUse() map[string]use {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.teams)
}

// checkQuota says whether a sandbox has room beside what the team uses.
func checkQuota(q sandbox.Quota, team string, used, asked use) error {
	for _, c := range []struct {
		quota, field       string
		limit, used, asked int64
	}{
		{quotaSandboxes, "", q.Sandboxes, used.sandboxes, asked.sandboxes},
		{quotaCPU, "spec.resources.cpu_millis", q.CPUMillis, used.cpuMillis, asked.cpuMillis},
		{quotaMemory, "spec.resources.memory_bytes", q.MemoryBytes, used.memoryBytes, asked.memoryBytes},
	} {
		switch {
		case c.limit == 0:
		case c.asked > c.limit:
			return errdefs.InvalidField(c.field, "%d is more than %d, which all sandboxes of team %s may have together", c.asked, c.limit, team)
		case c.used+c.asked > c.limit:
			return full(exceeded(team, c.quota, c.limit, c.used,
				"team %s uses %d of its quota of %d %s, this sandbox would take %d more; stop one, or try later", team, c.used, c.limit, c.quota, c.asked))
		}
	}
	return nil
}

func exceeded(team, quota string, limit, used int64, format string, args ...any) *errdefs.Error {
	e := errdefs.New(errdefs.ResourceExhausted, "QUOTA_EXCEEDED", format, args...)
	e.Metadata = map[string]string{
		"team": team, "quota": quota, "limit": strconv.FormatInt(limit, 10), "used": strconv.FormatInt(used, 10),
	}
	return e
}

func full(e *errdefs.Error) *errdefs.Error {
	e.RetryAfter = fullAgain
	return e
}

// admit is a creation's first step. The place is given back when the sandbox is no longer live.
func (r *creation) admit(context.Context) error { return r.c.places.admit(r.sb, r.c.Now()) }
