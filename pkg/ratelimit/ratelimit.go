// Package ratelimit bounds how often each of many may do something: a token bucket for each key, in memory that is bounded
// whatever keys come.
package ratelimit

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxKeys is how many keys have a bucket of their own. Beyond that the one that was used longest ago is forgotten, which
// fills it: who calls often is never that one. It takes about 4 MiB.
const maxKeys = 16384

// Rate is how often one key may do something.
type Rate struct {
	// PerSecond is how many a second in the long run; 0 or less means any number.
	PerSecond int
	// Burst is how many at once after a pause; less than PerSecond means PerSecond.
	Burst int
}

// Buckets is a token bucket for each key. It is safe for concurrent use.
type Buckets struct {
	rate Rate

	mu   sync.Mutex
	keys *lru.Cache[string, *rate.Limiter] // nil: no limit
}

// New returns buckets that are full.
func New(r Rate) *Buckets {
	b := &Buckets{rate: r}
	if r.PerSecond > 0 {
		b.keys, _ = lru.New[string, *rate.Limiter](maxKeys) // fails for a size of 0 only
	}
	return b
}

// Take takes a token of a key at a time. Where there is none, nothing is taken, and wait is how long it takes until there
// is one; else wait is 0.
func (b *Buckets) Take(key string, now time.Time) (wait time.Duration) {
	if b.keys == nil {
		return 0
	}
	// Under the lock: what refused calls reserve and give back must not count against those that come meanwhile.
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.bucket(key).ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (b *Buckets) bucket(key string) *rate.Limiter {
	l, ok := b.keys.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Limit(b.rate.PerSecond), max(b.rate.Burst, b.rate.PerSecond))
		b.keys.Add(key, l)
	}
	return l
}
