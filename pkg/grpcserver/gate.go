package grpcserver

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs"
)

// The least and the most that an overloaded server tells clients to wait before they try again.
const (
	minRetryAfter = 100 * time.Millisecond
	maxRetryAfter = 5 * time.Second
)

// gate lets a bounded number of calls in. A bounded number waits, first come, first served, each no longer than makes
// sense. What is refused was not begun: whoever was let in gets an answer in bounded time, however many come.
type gate struct {
	limits  Limits
	slots   *semaphore.Weighted
	waiting atomic.Int64
	// mean is about how long a call takes, in nanoseconds: a moving average.
	mean atomic.Int64
}

func newGate(l Limits) *gate {
	return &gate{limits: l, slots: semaphore.NewWeighted(int64(l.MaxCalls))}
}

// enter waits for the call's turn. leave must be called when the call has ended.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if !g.slots.TryAcquire(1) {
		if err := g.wait(ctx); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	return func() {
		g.slots.Release(1)
		// A lost update between Load and Store costs one sample of many.
		mean := g.mean.Load()
		g.mean.Store(mean + (int64(time.Since(began))-mean)/16)
	}, nil
}

func (g *gate) wait(ctx context.Context) error {
	position := g.waiting.Add(1)
	defer g.waiting.Add(-1)
	expected := time.Duration(position * g.mean.Load() / int64(g.limits.MaxCalls))
	if position > int64(g.limits.MaxWaiting) {
		return overloaded(expected)
	}
	patience := g.limits.MaxWait
	if deadline, ok := ctx.Deadline(); ok && (patience == 0 || time.Until(deadline) < patience) {
		patience = time.Until(deadline)
	}
	if patience != 0 {
		if expected > patience {
			return overloaded(expected)
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, patience, overloaded(expected))
		defer cancel()
	}
	if err := g.slots.Acquire(ctx, 1); err != nil {
		return context.Cause(ctx)
	}
	return nil
}

// overloaded tells a client when the queue that it found will have gone. The time is spread, so that those who were refused
// together do not come back together.
func overloaded(expected time.Duration) error {
	after := min(max(expected, minRetryAfter), maxRetryAfter)
	e := errdefs.New(errdefs.ResourceExhausted, "OVERLOADED", "the server has more calls than it can answer in time, and did nothing for this one: try again later")
	e.RetryAfter = after + rand.N(after) //nolint:gosec // it is no secret
	return e
}

func (g *gate) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if infrastructure(info.FullMethod) {
		return handler(ctx, req)
	}
	leave, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return handler(ctx, req)
}

// infrastructure says whether a method is one of health or reflection.
func infrastructure(fullMethod string) bool {
	return strings.HasPrefix(fullMethod, "/grpc.health.") || strings.HasPrefix(fullMethod, "/grpc.reflection.")
}
