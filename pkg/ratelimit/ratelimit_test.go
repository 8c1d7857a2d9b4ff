package ratelimit_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/ratelimit"
)

func TestTake(t *testing.T) {
	now := time.Now()
	b := ratelimit.New(ratelimit.Rate{PerSecond: 10, Burst: 30})
	for i := range 30 {
		if wait := b.Take("ada", now); wait != 0 {
			t.Fatalf("call %d of a burst of 30 waits %v", i+1, wait)
		}
	}
	for range 100 { // what is refused takes nothing
		if wait := b.Take("ada", now); wait != 100*time.Millisecond {
			t.Fatalf("beyond the burst: %v, want the time of one token", wait)
		}
	}
	if wait := b.Take("bob", now); wait != 0 {
		t.Errorf("somebody else waits %v", wait)
	}
	if wait := b.Take("ada", now.Add(100*time.Millisecond)); wait != 0 {
		t.Errorf("after the time that was told: %v", wait)
	}
	if wait := b.Take("ada", now.Add(-time.Hour)); wait <= 0 || wait > time.Second {
		t.Errorf("with a clock that went back: %v, want a wait that is not for ever", wait)
	}
}

func TestNoLimit(t *testing.T) {
	b := ratelimit.New(ratelimit.Rate{Burst: 1})
	now := time.Now()
	for range 1000 {
		if wait := b.Take("ada", now); wait != 0 {
			t.Fatalf("without a limit: %v", wait)
		}
	}
}

func TestBurstIsAtLeastASecondsWorth(t *testing.T) {
	b := ratelimit.New(ratelimit.Rate{PerSecond: 5})
	now := time.Now()
	for i := range 6 {
		if wait := b.Take("ada", now); (wait != 0) != (i == 5) {
			t.Errorf("call %d: %v", i+1, wait)
		}
	}
}

// TestConcurrentTakesAreExact has many take at one time: as many get a token as there are, whatever the rest reserved.
func TestConcurrentTakesAreExact(t *testing.T) {
	b := ratelimit.New(ratelimit.Rate{PerSecond: 1, Burst: 500})
	now := time.Now()
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 100 {
				if b.Take("ada", now) == 0 {
					taken.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() != 500 {
		t.Errorf("%d tokens of 500 were given", taken.Load())
	}
}

// TestMemoryIsBounded brings more keys than are kept, and expects whoever calls all the time to stay known.
func TestMemoryIsBounded(t *testing.T) {
	b := ratelimit.New(ratelimit.Rate{PerSecond: 1, Burst: 2})
	now := time.Now()
	b.Take("busy", now)
	b.Take("busy", now)
	b.Take("idle", now)
	b.Take("idle", now)
	for i := range 40000 {
		b.Take(fmt.Sprint("other", i), now)
		if b.Take("busy", now) == 0 {
			t.Fatalf("after %d others a busy key was forgotten", i)
		}
	}
	if wait := b.Take("idle", now); wait != 0 {
		t.Errorf("a key that did nothing while 40000 others came is still kept (waits %v): memory has no bound", wait)
	}
}
