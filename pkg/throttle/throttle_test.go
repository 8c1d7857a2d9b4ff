package throttle_test

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/throttle"
)

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newThrottle(perMinute, burst int) (*throttle.Throttle, *clock) {
	c := &clock{time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)}
	return throttle.New(throttle.Config{PerMinute: perMinute, Burst: burst, Now: c.Now}), c
}

func attempt(source, subject, credential string) throttle.Attempt {
	return throttle.Attempt{Source: source, Subject: subject, Credential: sha256.Sum256([]byte(credential))}
}

func refused(t *testing.T, err error) *errdefs.Error {
	t.Helper()
	e, ok := errdefs.As(err)
	if !ok || e.Kind != errdefs.ResourceExhausted || e.Reason != throttle.Reason || e.RetryAfter <= 0 {
		t.Fatalf("error = %v, want ResourceExhausted %s with a time to wait", err, throttle.Reason)
	}
	return e
}

func admitted(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
}

func TestSourceIsRefusedAfterItsBurst(t *testing.T) {
	th, clock := newThrottle(60, 5)
	for i := range 5 {
		a := attempt("a", fmt.Sprint("id", i), fmt.Sprint("guess", i))
		admitted(t, th.Admit(a))
		admitted(t, th.Failed(a))
	}
	guess := attempt("a", "id9", "guess9")
	e := refused(t, th.Admit(guess))
	admitted(t, th.Admit(attempt("b", "id9", "guess9"))) // another source is another matter

	clock.now = clock.now.Add(e.RetryAfter)
	admitted(t, th.Admit(guess)) // what RetryInfo says is true
	admitted(t, th.Failed(guess))
	refused(t, th.Admit(guess)) // it was one attempt, not a new burst
}

// TestRightCredentialsPass is against a stranger who locks out the holder of a key by guessing at it, from elsewhere or
// from the same address.
func TestRightCredentialsPass(t *testing.T) {
	th, _ := newThrottle(60, 5)
	right := attempt("shared", "id", "right")
	admitted(t, th.Admit(right))
	th.Succeeded(right)
	var last error
	for i := range 50 {
		last = th.Failed(attempt("elsewhere", "id", fmt.Sprint("guess", i)))
	}
	refused(t, last)             // wrong attempts at the id are told so
	admitted(t, th.Admit(right)) // the right one is looked at
	fresh := attempt("third", "id", "right")
	admitted(t, th.Admit(fresh)) // also when it comes from where it never came from

	for i := range 50 {
		_ = th.Failed(attempt("shared", fmt.Sprint("id", i), fmt.Sprint("guess", i)))
	}
	refused(t, th.Admit(attempt("shared", "id", "guess")))
	admitted(t, th.Admit(right))

	// A key that stops being right is a guess like any other from then on.
	_ = th.Failed(right)
	refused(t, th.Admit(right))
}

// TestUnknownSourceIsNeverRefused is for a workload that does not say whom it calls for: refusing it would refuse all of them.
func TestUnknownSourceIsNeverRefused(t *testing.T) {
	th, _ := newThrottle(60, 1)
	for i := range 20 {
		_ = th.Failed(attempt("", "id", fmt.Sprint(i)))
	}
	admitted(t, th.Admit(attempt("", "id", "right")))
	refused(t, th.Failed(attempt("", "id", "wrong")))
}

func TestZeroRefusesNobody(t *testing.T) {
	th, _ := newThrottle(0, 0)
	for i := range 100 {
		a := attempt("a", "id", fmt.Sprint(i))
		admitted(t, th.Admit(a))
		admitted(t, th.Failed(a))
	}
}

// TestMemoryIsBounded has a flood of sources push out the oldest, and nothing else happen.
func TestMemoryIsBounded(t *testing.T) {
	th, _ := newThrottle(60, 1)
	first := attempt("first", "", "x")
	_ = th.Failed(first)
	refused(t, th.Admit(first))
	for i := range 1 << 14 {
		_ = th.Failed(attempt(fmt.Sprint("flood", i), "", "x"))
	}
	admitted(t, th.Admit(first))
}

func TestConcurrentUse(t *testing.T) {
	th, _ := newThrottle(60, 100)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				a := attempt("a", fmt.Sprint("id", i%7), fmt.Sprint(i))
				_, _ = th.Admit(a), th.Failed(a)
				th.Succeeded(a)
			}
		})
	}
	wg.Wait()
	refused(t, th.Admit(attempt("a", "", "never seen")))
}

// TestTry has the check's own word count.
func TestTry(t *testing.T) {
	registry := prometheus.NewRegistry()
	now := time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)
	th := throttle.New(throttle.Config{PerMinute: 60, Burst: 2, Registry: registry, Now: func() time.Time { return now }})
	wrong := errdefs.New(errdefs.Unauthenticated, "API_KEY_INVALID", "wrong")
	asked := 0
	try := func(credential string, answer error) error {
		return th.Try(attempt("a", credential, credential), func() error { asked++; return answer })
	}
	admitted(t, try("right", nil))
	for range 5 {
		if err := try("x", errdefs.New(errdefs.Unavailable, "SECRETSD_UNAVAILABLE", "away")); errdefs.KindOf(err) != errdefs.Unavailable {
			t.Errorf("an answer that says nothing of the key became %v", err)
		}
	}
	if err := try("1", wrong); err != error(wrong) {
		t.Errorf("the first wrong attempt: %v", err)
	}
	if err := try("2", refused(t, refusedBy(t))); errdefs.ReasonOf(err) != throttle.Reason {
		t.Errorf("what a server further on refused: %v", err)
	}
	before := asked
	refused(t, try("3", wrong))
	if asked != before {
		t.Error("a refused attempt was looked at")
	}
	admitted(t, try("right", nil))
	for result, want := range map[string]float64{"wrong": 2, "refused": 1} {
		if got := metric(t, registry, result); got != want {
			t.Errorf("%v attempts were %s, want %v", got, result, want)
		}
	}
}

// refusedBy is the error of another throttle.
func refusedBy(t *testing.T) error {
	t.Helper()
	th, _ := newThrottle(60, 1)
	_ = th.Failed(attempt("", "id", "x"))
	return th.Failed(attempt("", "id", "x"))
}

func metric(t *testing.T, registry *prometheus.Registry, result string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "casemate_failed_authentications_total" && m.GetLabel()[0].GetValue() == result {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("no metric for %s", result)
	return 0
}

func TestSource(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":            " 192.0.2.7/32",
		"::ffff:192.0.2.7":     " 192.0.2.7/32",
		"2001:db8:1:2:3::4":    " 2001:db8:1:2::/64",
		"fe80::1%eth0":         " fe80::/64",
		"2001:db8:1:2:ffff::1": " 2001:db8:1:2::/64",
	} {
		if got := throttle.Source("", netip.MustParseAddr(address)); got != want {
			t.Errorf("source of %s = %q, want %q", address, got, want)
		}
	}
	if got := throttle.Source("spiffe://x/y", netip.MustParseAddr("192.0.2.7")); got != "spiffe://x/y 192.0.2.7/32" {
		t.Errorf("source of a workload's caller = %q", got)
	}
	if got := throttle.Source("spiffe://x/y", netip.Addr{}); got != "" {
		t.Errorf("source without an address = %q", got)
	}
}
