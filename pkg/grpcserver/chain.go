package grpcserver

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"buf.build/go/protovalidate"
	promgrpc "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	validate "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/protovalidate"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
)

// chain builds the interceptors, outermost first:
//
//	call       request id, and the record that the others fill in
//	metrics    sees the final code
//	errors     what a client may see of an error
//	refusals   counts those for a limit
//	log        sees the error before that, with all its insides
//	recovery   a panic below is an error that tells the client nothing
//	gate       a bounded number of calls at one time (unary ones)
//	auth       who calls
//	recheck    whether that one still may, again and again while the call runs
//	admit      how much that one may call
//	validate   the rules of the .proto files
func chain(c Config) ([]grpc.UnaryServerInterceptor, []grpc.StreamServerInterceptor, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return nil, nil, err
	}
	unary := []grpc.UnaryServerInterceptor{callUnary}
	stream := []grpc.StreamServerInterceptor{callStream}
	if c.Registry != nil {
		metrics := promgrpc.NewServerMetrics(promgrpc.WithServerHandlingTimeHistogram())
		// A daemon with several listeners has several servers, which count together.
		var before prometheus.AlreadyRegisteredError
		if err := c.Registry.Register(metrics); errors.As(err, &before) {
			metrics = before.ExistingCollector.(*promgrpc.ServerMetrics)
		} else if err != nil {
			return nil, nil, err
		}
		unary = append(unary, metrics.UnaryServerInterceptor())
		stream = append(stream, metrics.StreamServerInterceptor())
	}
	var (
		calls    = newCallLog(c.Logger)
		recovers = recovery.WithRecoveryHandlerContext(recoverer(c.Logger))
		who      = authenticator(c.Authenticate)
		ours     = selector.MatchFunc(notInfrastructure)
	)
	unary, stream = append(unary, errorsUnary), append(stream, errorsStream)
	if c.Registry != nil {
		refused, err := newRefusals(c.Registry)
		if err != nil {
			return nil, nil, err
		}
		unary, stream = append(unary, refused.unary), append(stream, refused.stream)
	}
	unary = append(unary,
		calls.unary,
		recovery.UnaryServerInterceptor(recovers),
	)
	if c.Limits.MaxCalls > 0 {
		unary = append(unary, newGate(c.Limits).unary)
	}
	unary = append(unary,
		selector.UnaryServerInterceptor(auth.UnaryServerInterceptor(who), ours),
	)
	if c.Recheck > 0 {
		r := recheck{c.Authenticate, c.Recheck, c.Logger}
		unary = append(unary, selector.UnaryServerInterceptor(r.unary, ours))
	}
	unary = append(unary,
		admitUnary(newUsers(c.Limits.MaxCallsPerUser), c.Admit),
		violationsUnary,
		validate.UnaryServerInterceptor(validator),
	)
	stream = append(stream,
		calls.stream,
		recovery.StreamServerInterceptor(recovers),
		selector.StreamServerInterceptor(auth.StreamServerInterceptor(who), ours),
	)
	if c.Recheck > 0 {
		r := recheck{c.Authenticate, c.Recheck, c.Logger}
		stream = append(stream, selector.StreamServerInterceptor(r.stream, ours))
	}
	stream = append(stream,
		admitStream(newUsers(c.Limits.MaxStreamsPerUser), c.Admit),
		validate.StreamServerInterceptor(validator),
		violationsStream,
	)
	return unary, stream, nil
}

// notInfrastructure matches everything but health and reflection, which answer without a key: load balancers and
// grpcurl ask them, and what they tell is public.
func notInfrastructure(_ context.Context, c interceptors.CallMeta) bool {
	return !infrastructure(c.FullMethod())
}

func authenticator(f AuthFunc) auth.AuthFunc {
	return func(ctx context.Context) (context.Context, error) {
		method, _ := grpc.Method(ctx)
		authed, err := f(ctx, method)
		if err != nil {
			return nil, err
		}
		// The log line is written further out, where authed is not in sight; the record is.
		if caller, ok := identity.FromContext(authed); ok {
			fromContext(ctx).caller = caller
		}
		return authed, nil
	}
}

// recoverer logs a panic with its stack. The error it returns is nobody's in particular, so the client gets INTERNAL
// with the request id.
func recoverer(logger *zap.Logger) recovery.RecoveryHandlerFuncContext {
	return func(ctx context.Context, p any) error {
		method, _ := grpc.Method(ctx)
		logger.Error("a handler panicked", zap.String(keyMethod, method), zap.String(keyRequestID, RequestID(ctx)),
			zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
		return fmt.Errorf("panic in %s", method)
	}
}

func errorsUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	resp, err := handler(ctx, req)
	if err != nil {
		return nil, errgrpc.ToStatus(err, RequestID(ctx)).Err()
	}
	return resp, nil
}

func errorsStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return errgrpc.ToStatus(handler(srv, ss), RequestID(ss.Context())).Err()
}
