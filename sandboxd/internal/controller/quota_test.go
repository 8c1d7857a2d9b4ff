package controller

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func sized(id, team string, cpu, memory int64) sandbox.Sandbox {
	return sandbox.Sandbox{ID: id, Team: team, Spec: sandbox.Spec{Resources: sandbox.Resources{CPUMillis: cpu, MemoryBytes: memory}}}
}

func TestStartsAreRefilledWithTime(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newPlaces(0, sandbox.Quotas{
		Team: sandbox.Quota{StartsPerSecond: 2, StartsBurst: 3}, Teams: map[string]sandbox.Quota{"free": {}},
	})
	for i := range 3 {
		if err := p.admit(sized(fmt.Sprint(i), "red", 1, 1), now); err != nil {
			t.Fatal(err)
		}
	}
	err := p.admit(sized("3", "red", 1, 1), now)
	e, ok := errdefs.As(err)
	if !ok || e.Reason != "QUOTA_EXCEEDED" || e.Metadata["quota"] != "starts_per_second" || e.RetryAfter != time.Second/2 {
		t.Fatalf("%v: %+v", err, e)
	}
	if err := p.admit(sized("3", "blue", 1, 1), now); err != nil {
		t.Errorf("another team: %v", err)
	}
	for i := range 100 {
		if err := p.admit(sized(fmt.Sprint("f", i), "free", 1, 1), now); err != nil {
			t.Fatalf("a team without a rate: %v", err)
		}
	}
	if err := p.admit(sized("3r", "red", 1, 1), now.Add(e.RetryAfter)); err != nil {
		t.Errorf("after the time that was told: %v", err)
	}
}

// TestPlacesAddUp admits, takes and releases at random, and counts by itself.
func TestPlacesAddUp(t *testing.T) {
	const most, cpu, memory = 5, 400, 900
	p := newPlaces(12, sandbox.Quotas{Team: sandbox.Quota{Sandboxes: most, CPUMillis: cpu, MemoryBytes: memory}})
	rnd := rand.New(rand.NewPCG(1, 2))
	there := map[string]sandbox.Sandbox{}
	sum := func(team string) (u use) {
		for _, sb := range there {
			if sb.Team == team {
				u = u.plus(placeOf(sb).use)
			}
		}
		return u
	}
	refused := map[string]int{}
	for i := range 5000 {
		team := fmt.Sprint("team", rnd.IntN(3))
		sb := sized(fmt.Sprint("sb-", i), team, rnd.Int64N(cpu)/3+1, rnd.Int64N(memory)/3+1)
		switch rnd.IntN(10) {
		case 0: // adopted, whatever the limits are
			p.take(sb)
			there[sb.ID] = sb
		case 1, 2, 3, 4:
			after := sum(team).plus(placeOf(sb).use)
			fits := len(there) < 12 && after.sandboxes <= most && after.cpuMillis <= cpu && after.memoryBytes <= memory
			err := p.admit(sb, time.Now())
			if (err == nil) != fits {
				t.Fatalf("%v beside %v: %v, want it to fit: %v", placeOf(sb).use, sum(team), err, fits)
			}
			if err == nil {
				there[sb.ID] = sb
			} else {
				e, _ := errdefs.As(err)
				refused[e.Reason+" "+e.Metadata["quota"]]++
			}
		default:
			for id := range there { // any
				p.release(id)
				p.release(id) // a second time is nothing
				delete(there, id)
				break
			}
		}
	}
	for _, kind := range []string{"TOO_MANY_SANDBOXES ", "QUOTA_EXCEEDED sandboxes", "QUOTA_EXCEEDED cpu_millis", "QUOTA_EXCEEDED memory_bytes"} {
		if refused[kind] == 0 {
			t.Errorf("nothing was refused for %s: %v", kind, refused)
		}
	}
	for id := range there {
		p.release(id)
	}
	if len(p.taken) > 0 || len(p.teams) > 0 {
		t.Errorf("left: %v, %v", p.taken, p.teams)
	}
}
