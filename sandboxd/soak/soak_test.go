// Package soak_test makes sandboxes by the hundred or thousand, in every way that they are made, used and ended, and looks
// whether sandboxd and its host are as they were before: nothing of it is left, and nothing has grown.
package soak_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/sandboxd/sandboxdtest/footprint"
)

var sandboxes = flag.Int("sandboxes", 200, "how many sandboxes to make")

const (
	// users make sandboxes at one time.
	users = 6
	// warmUp is how many sandboxes are made before anything is counted: pools, caches and connections are there then.
	warmUp = 60
	// retain is how long ended sandboxes stay on record: their users look at them once more.
	retain = 10 * time.Second
	// settling is how long everything may take to be as before.
	settling = time.Minute
	// idle is how many more goroutines and files there may be: idle connections, to databases most of all, come and go. It is
	// less than what one leak in any of the lives would come to.
	idle = 8
	// growth is how much more memory sandboxd, with the secretsd and the clients that are in this process, may have than
	// before, whatever the number of sandboxes.
	growth = 48 << 20
)

func TestSoak(t *testing.T) {
	s := sandboxdtest.Start(t, sandboxdtest.WithConfig(func(c *config.Config) {
		c.Network.Enabled, c.Network.NameServers = true, []string{"203.0.113.2"}
		c.RetainEnded = retain
	}))
	s.Secretsd.CreateTeam("red")
	s.Secretsd.CreateSecret("red", "TOKEN", "secret")
	u := &user{Server: s, api: s.Client(s.Secretsd.CreateUser("red", "ada", identity.RoleMember))}

	u.soak(t, warmUp)
	before, diff := settle(t, s, func(now state) string { return cmp.Diff(footprint.Footprint{}, now.host) })
	if diff != "" {
		t.Fatalf("left after the warm-up (-nothing +left):\n%s", diff)
	}
	began := time.Now()
	u.soak(t, *sandboxes)
	if t.Failed() {
		t.Fatalf("sandboxd's log ends with:\n%s", tail(s.Logs()))
	}
	t.Logf("%d sandboxes in %v", *sandboxes, time.Since(began).Round(time.Second))
	after, diff := settle(t, s, before.leftIn)
	if diff != "" {
		t.Errorf("left after %d sandboxes (-before +after):\n%s\n%s", *sandboxes, diff, goroutines())
	}
	t.Logf("before and after: %d and %d goroutines, %d and %d open files, %d and %d MiB of memory",
		before.goroutines, after.goroutines, before.files, after.files, before.resident>>20, after.resident>>20)
	if err := s.Reap(t.Context()); err != nil {
		t.Error(err)
	}
	if strings.Contains(s.Logs(), "removed what is no sandbox's") {
		t.Error("the reaper had to remove something")
	}
}

// settle looks until nothing is wrong any more, for a minute at most: ended sandboxes are on record for a while, connections
// close, memory goes back.
func settle(t *testing.T, s *sandboxdtest.Server, wrong func(state) string) (now state, still string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), settling)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		now = take(t, s)
		if still = wrong(now); still == "" {
			return now, ""
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return now, still
		}
	}
}

// soak makes n sandboxes, users at a time, in every way in turn.
func (u *user) soak(t *testing.T, n int) {
	t.Helper()
	turns := make(chan int)
	var all sync.WaitGroup
	for range users {
		all.Go(func() {
			for turn := range turns {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if l := lives[turn%len(lives)]; !t.Failed() {
					if err := l.live(u, ctx); err != nil {
						t.Errorf("sandbox %d, %s: %v", turn, l.name, err)
					}
				}
				cancel()
			}
		})
	}
	for turn := range n {
		turns <- turn
	}
	close(turns)
	all.Wait()
	if err := u.deleteAbandoned(t.Context()); err != nil {
		t.Error(err)
	}
}

// state is what is counted.
type state struct {
	host       footprint.Footprint
	goroutines int
	files      int // open file descriptors
	children   int // processes, zombies included
	resident   int64
}

// leftIn says what there is more of than before; empty when there is nothing.
func (before state) leftIn(now state) string {
	left := cmp.Diff(before.host, now.host)
	for _, c := range []struct {
		what               string
		before, now, slack int64
	}{
		{"goroutines", int64(before.goroutines), int64(now.goroutines), idle},
		{"open files", int64(before.files), int64(now.files), idle},
		{"child processes", int64(before.children), int64(now.children), 0},
		{"bytes of memory", before.resident, now.resident, growth},
	} {
		if c.now > c.before+c.slack {
			left += fmt.Sprintf("%d %s, before %d\n", c.now, c.what, c.before)
		}
	}
	return left
}

func take(t *testing.T, s *sandboxdtest.Server) state {
	t.Helper()
	debug.FreeOSMemory()
	return state{
		host: s.Footprint(), goroutines: runtime.NumGoroutine(), files: len(names(t, "/proc/self/fd")), children: children(t), resident: resident(t),
	}
}

// children counts this process's children, zombies included.
func children(t *testing.T) int {
	t.Helper()
	n := 0
	for _, e := range names(t, "/proc/self/task") {
		list, _ := os.ReadFile("/proc/self/task/" + e + "/children") // the thread may be gone
		n += len(strings.Fields(string(list)))
	}
	return n
}

func names(t *testing.T, dir string) (found []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		found = append(found, e.Name())
	}
	return found
}

// resident is this process's memory in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

func goroutines() string {
	var b strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	return b.String()
}

func tail(s string) string { return s[max(0, len(s)-8<<10):] }
