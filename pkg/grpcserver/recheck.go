package grpcserver

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// recheck authenticates running calls again, every so often: a call that lasts must not outlive the credential that it began
// with. When that is refused, or the caller's rights are others, the handler's context ends, and the refusal is the call's
// error. Another failure, such as that nobody can be asked just now, leaves the call alone.
type recheck struct {
	authenticate AuthFunc
	every        time.Duration
	logger       *zap.Logger
}

func (r recheck) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, stop := r.watch(ctx, info.FullMethod)
	defer stop()
	resp, err := handler(ctx, req)
	if refused := refusalOf(ctx); refused != nil {
		return nil, refused
	}
	return resp, err
}

func (r recheck) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, stop := r.watch(ss.Context(), info.FullMethod)
	defer stop()
	wrapped := &checkedStream{middleware.WrapServerStream(ss)}
	wrapped.WrappedContext = ctx
	err := handler(srv, wrapped)
	if refused := refusalOf(ctx); refused != nil {
		return refused
	}
	return err
}

// checkedStream passes no message any more when the call was refused: for handlers that wait for the client only.
type checkedStream struct {
	*middleware.WrappedServerStream
}

// RecvMsg implements grpc.ServerStream.
func (s *checkedStream) RecvMsg(m any) error {
	err := s.WrappedServerStream.RecvMsg(m)
	if refused := refusalOf(s.Context()); refused != nil {
		return refused
	}
	return err
}

// SendMsg implements grpc.ServerStream.
func (s *checkedStream) SendMsg(m any) error {
	if refused := refusalOf(s.Context()); refused != nil {
		return refused
	}
	return s.WrappedServerStream.SendMsg(m)
}

// refusal is why a context was ended.
type refusal struct{ error }

func refusalOf(ctx context.Context) error {
	var r refusal
	if errors.As(context.Cause(ctx), &r) {
		return r.error
	}
	return nil
}

// watch returns ctx, which ends when the caller is refused. The timer costs a call that is short next to nothing.
func (r recheck) watch(ctx context.Context, method string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	var (
		mu      sync.Mutex
		timer   *time.Timer
		stopped bool
	)
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(r.every, func() {
		if err := r.again(ctx, method); err != nil {
			cancel(refusal{err})
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			timer.Reset(r.every)
		}
	})
	return ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop()
		cancel(nil)
	}
}

// again returns why the caller may not go on; nil when it may, or when that can't be found out.
func (r recheck) again(ctx context.Context, method string) (err error) {
	defer func() { // here it would be the daemon's end
		if p := recover(); p != nil {
			r.logger.Error("authenticating a running call panicked", zap.String(keyMethod, method), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
			err = nil
		}
	}()
	authed, err := r.authenticate(ctx, method)
	if err != nil {
		if kind := errdefs.KindOf(err); ctx.Err() != nil || kind != errdefs.Unauthenticated && kind != errdefs.PermissionDenied {
			return nil
		}
		return err
	}
	before, _ := identity.FromContext(ctx)
	now, _ := identity.FromContext(authed)
	for team, role := range before.Teams {
		if now.Teams[team] != role {
			return errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "your rights in team %s have changed since the call began: make it again", team)
		}
	}
	return nil
}
