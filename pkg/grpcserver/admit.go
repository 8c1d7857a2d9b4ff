package grpcserver

import (
	"context"
	"sync"
	"sync/atomic"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// AdmitFunc is asked after authentication whether the caller in ctx may make a call now: of a unary call with its request,
// of a stream with the first message that it receives. The request is not validated yet. Its error is the call's.
type AdmitFunc func(ctx context.Context, fullMethod string, req any) error

// users counts calls under way by user. Users that make none take no memory.
type users struct {
	max  int
	mu   sync.Mutex
	busy map[string]int
}

func newUsers(limit int) *users { return &users{max: limit, busy: map[string]int{}} }

// enter counts a call of the caller in ctx. leave must be called when the call has ended.
func (u *users) enter(ctx context.Context) (leave func(), err error) {
	// A workload that calls in its own name has no user. It is trusted, and there are as many of one name as hosts.
	c, _ := identity.FromContext(ctx)
	if u.max <= 0 || c.UserID == "" {
		return func() {}, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[c.Name()] >= u.max {
		e := errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_CALLS",
			"user %s has %d calls of this kind under way, which is the most: wait for some to end", c.Name(), u.max)
		e.RetryAfter = minRetryAfter
		return nil, e
	}
	u.busy[c.Name()]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.busy[c.Name()]--; u.busy[c.Name()] == 0 {
			delete(u.busy, c.Name())
		}
	}, nil
}

func admitUnary(calls *users, admit AdmitFunc) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if infrastructure(info.FullMethod) {
			return handler(ctx, req)
		}
		if admit != nil {
			if err := admit(ctx, info.FullMethod, req); err != nil {
				return nil, err
			}
		}
		leave, err := calls.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		return handler(ctx, req)
	}
}

func admitStream(streams *users, admit AdmitFunc) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if infrastructure(info.FullMethod) {
			return handler(srv, ss)
		}
		leave, err := streams.enter(ss.Context())
		if err != nil {
			return err
		}
		defer leave()
		if admit == nil {
			return handler(srv, ss)
		}
		return handler(srv, &admittedStream{WrappedServerStream: middleware.WrapServerStream(ss), admit: admit, method: info.FullMethod})
	}
}

// admittedStream asks about its first message.
type admittedStream struct {
	*middleware.WrappedServerStream

	admit  AdmitFunc
	method string
	asked  atomic.Bool
}

// RecvMsg implements grpc.ServerStream.
func (s *admittedStream) RecvMsg(m any) error {
	if err := s.WrappedServerStream.RecvMsg(m); err != nil {
		return err
	}
	if s.asked.Swap(true) {
		return nil
	}
	return s.admit(s.Context(), s.method, m)
}
