// Package throttle slows down those who guess credentials. It counts failed attempts and nothing else: who has the right
// credential never waits for it, also when others guess at that credential.
//
// There are two counts, each a token bucket:
//
//	by source   where a call came from: an address, or a workload and the address that it calls for. When it is used up, calls
//	            from there are refused before anything is asked about their credential; but for credentials that were right
//	            before, which a guesser can't know.
//	by subject  what was guessed at: the id of a key. When it is used up, wrong attempts at it are answered that there were too
//	            many, wherever they come from. Right ones pass.
//
// Memory is bounded: the source or subject that was seen longest ago is forgotten first.
package throttle

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Reason is the reason of an error about too many failed attempts.
const Reason = "TOO_MANY_FAILED_ATTEMPTS"

// entries is how many sources, how many subjects and how many right credentials are remembered, each; some 200 bytes of
// memory an entry.
const entries = 1 << 14

// Config is what a Throttle allows.
type Config struct {
	// PerMinute is how many failed attempts a source, and a subject, has a minute in the long run. 0: nobody is ever refused.
	PerMinute int
	// Burst is how many it has at once; at least 1.
	Burst int
	// Registry gets the counters. Nil: nobody sees them.
	Registry prometheus.Registerer
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
}

// Throttle counts failed attempts. It is safe for concurrent use.
type Throttle struct {
	config   Config
	mu       sync.Mutex // a bucket is made once
	sources  *lru.Cache[string, *rate.Limiter]
	subjects *lru.Cache[string, *rate.Limiter]
	right    *lru.Cache[Fingerprint, struct{}]

	wrong, refused prometheus.Counter
}

// Fingerprint stands for a whole credential, and does not tell it: its SHA-256.
type Fingerprint = [32]byte

// Attempt is one presented credential.
type Attempt struct {
	// Source is where it came from; empty where nothing is known that one bad caller could not spoil for others.
	Source string
	// Subject is the id in it; empty where it has none.
	Subject string
	// Credential stands for the whole of it.
	Credential Fingerprint
}

// New returns a Throttle that has seen nothing.
func New(c Config) *Throttle {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Burst = max(c.Burst, 1)
	t := &Throttle{config: c}
	t.sources, t.subjects, t.right = cache[string, *rate.Limiter](), cache[string, *rate.Limiter](), cache[Fingerprint, struct{}]()
	attempts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "casemate_failed_authentications_total",
		Help: "Attempts to authenticate that failed: wrong ones, and those that were refused unseen since there were too many.",
	}, []string{"result"})
	t.wrong, t.refused = attempts.WithLabelValues("wrong"), attempts.WithLabelValues("refused")
	if c.Registry != nil {
		c.Registry.MustRegister(attempts)
	}
	return t
}

func cache[K comparable, V any]() *lru.Cache[K, V] {
	c, err := lru.New[K, V](entries)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return c
}

// Try has an attempt checked, unless it is refused, and counts what check says: an error of kind Unauthenticated, or one with
// Reason of a server further on, is a wrong attempt. Other errors say nothing about the credential. It returns check's error,
// or the one to give instead.
func (t *Throttle) Try(a Attempt, check func() error) error {
	if err := t.Admit(a); err != nil {
		t.refused.Inc()
		return err
	}
	err := check()
	switch {
	case err == nil:
		t.Succeeded(a)
	case errdefs.KindOf(err) == errdefs.Unauthenticated || errdefs.ReasonOf(err) == Reason:
		t.wrong.Inc()
		if many, ok := errdefs.As(t.Failed(a)); ok {
			return many.WithCause(err)
		}
	}
	return err
}

// Admit says whether an attempt may be looked at. The error is ResourceExhausted (TOO_MANY_FAILED_ATTEMPTS), with the time
// after which there is another try.
func (t *Throttle) Admit(a Attempt) error {
	if t.config.PerMinute == 0 || a.Source == "" {
		return nil
	}
	t.mu.Lock()
	bucket, known := t.sources.Peek(a.Source)
	t.mu.Unlock()
	now := t.config.Now()
	if !known || bucket.TokensAt(now) >= 1 || t.right.Contains(a.Credential) {
		return nil
	}
	return t.refuse(bucket, now)
}

// Succeeded remembers that a credential is right, so that it passes whatever others do.
func (t *Throttle) Succeeded(a Attempt) {
	if t.config.PerMinute > 0 {
		t.right.Add(a.Credential, struct{}{})
	}
}

// Failed counts an attempt that was wrong. The error is nil, or the one to give instead of "wrong", as Admit's, when there
// were too many at this subject.
func (t *Throttle) Failed(a Attempt) error {
	if t.config.PerMinute == 0 {
		return nil
	}
	t.right.Remove(a.Credential)
	now := t.config.Now()
	if a.Source != "" {
		t.bucket(t.sources, a.Source).AllowN(now, 1)
	}
	if a.Subject == "" {
		return nil
	}
	if bucket := t.bucket(t.subjects, a.Subject); !bucket.AllowN(now, 1) {
		return t.refuse(bucket, now)
	}
	return nil
}

func (t *Throttle) bucket(of *lru.Cache[string, *rate.Limiter], key string) *rate.Limiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, ok := of.Get(key)
	if !ok {
		b = rate.NewLimiter(rate.Limit(float64(t.config.PerMinute)/60), t.config.Burst)
		of.Add(key, b)
	}
	return b
}

func (t *Throttle) refuse(b *rate.Limiter, now time.Time) error {
	missing := 1 - b.TokensAt(now)
	wait := time.Duration(missing/float64(b.Limit())*float64(time.Second)).Truncate(time.Millisecond) + time.Millisecond
	e := errdefs.New(errdefs.ResourceExhausted, Reason, "there were too many failed attempts to authenticate: wait %v, and check the API key", wait.Round(time.Second/10))
	e.RetryAfter = wait
	return e
}

// Source names where a call came from: its address, or the 64-bit network of an IPv6 one, since whoever has one address of it
// has all. The workload is the SPIFFE ID of a caller that speaks for others at these addresses; empty for who speaks for
// itself. Without an address, the source is empty.
func Source(workload string, address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return ""
	}
	return workload + " " + network.String()
}
