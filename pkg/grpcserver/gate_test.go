package grpcserver

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs"
)

// pass makes a call through the gate that takes so long, and returns what became of it.
func pass(ctx context.Context, g *gate, method string, takes time.Duration) error {
	_, err := g.unary(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method}, func(context.Context, any) (any, error) {
		time.Sleep(takes) // in the test's own time
		return nil, nil
	})
	return err
}

func overloadedError(t *testing.T, err error) {
	t.Helper()
	e, ok := errdefs.As(err)
	if !ok || e.Kind != errdefs.ResourceExhausted || e.Reason != "OVERLOADED" || e.RetryAfter < minRetryAfter || e.RetryAfter > 2*maxRetryAfter {
		t.Errorf("%v, want OVERLOADED with a time", err)
	}
}

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{MaxCalls: 2, MaxWaiting: 3, MaxWait: 10 * time.Second})
		var wg sync.WaitGroup
		ended := make(chan time.Duration, 10)
		start := time.Now()
		for range 5 {
			wg.Go(func() {
				if err := pass(t.Context(), g, "/s/M", time.Second); err != nil {
					t.Errorf("a call that has its place: %v", err)
				}
				ended <- time.Since(start)
			})
		}
		synctest.Wait()
		overloadedError(t, pass(t.Context(), g, "/s/M", time.Second)) // the queue is full
		if took := time.Since(start); took != 0 {
			t.Errorf("a refusal took %v", took)
		}
		for _, method := range []string{"/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/X"} {
			if err := pass(t.Context(), g, method, 0); err != nil {
				t.Errorf("%s: %v", method, err)
			}
		}
		wg.Wait()
		close(ended)
		rounds := map[time.Duration]int{}
		for d := range ended {
			rounds[d]++
		}
		if rounds[time.Second] != 2 || rounds[2*time.Second] != 2 || rounds[3*time.Second] != 1 {
			t.Errorf("calls ended at %v, want two each second", rounds)
		}
		if g.waiting.Load() != 0 || !g.slots.TryAcquire(2) {
			t.Error("the gate is not as it was")
		}
	})
}

// TestGateRefusesWhatCannotComeInTime has calls whose turn would come too late: they are told at once, or when their
// patience ends, and what gave up leaves no place taken.
func TestGateRefusesWhatCannotComeInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{MaxCalls: 1, MaxWaiting: 100, MaxWait: 4 * time.Second})
		for range 100 { // it knows how long calls take
			if err := pass(t.Context(), g, "/s/M", time.Second); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() { _ = pass(t.Context(), g, "/s/M", 30*time.Second) })
		synctest.Wait()
		start := time.Now()

		soon, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		overloadedError(t, pass(soon, g, "/s/M", 0)) // a turn is expected in a second
		if took := time.Since(start); took != 0 {
			t.Errorf("a hopeless call was refused after %v", took)
		}
		overloadedError(t, pass(t.Context(), g, "/s/M", 0)) // expected in time, and it does not come
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("a call without a deadline was refused after %v, want the patience of 4 s", took)
		}
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		if err := pass(gone, g, "/s/M", 0); err != context.Canceled {
			t.Errorf("a caller who left: %v", err)
		}
		wg.Wait()
		if g.waiting.Load() != 0 {
			t.Errorf("%d still wait", g.waiting.Load())
		}
		if err := pass(t.Context(), g, "/s/M", 0); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
