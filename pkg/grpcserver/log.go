package grpcserver

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// The keys of a call's log line; those with a prefix are go-grpc-middleware's names.
const (
	keyRequestID = "request_id"
	keyMethod    = "method"
	keyReason    = "reason"
	keyUser      = "user"
	keyAPIKeyID  = "api_key_id"
)

// callLog writes one line a finished call: method, code, duration, peer address, request id, user and key id, and for a
// failed one the reason and the whole error. It never sees what a call carried.
//
// go-grpc-middleware has an interceptor for that. It gathers the fields of every event in maps of its own, and cost a tenth
// of secretsd's processor time under load; this is what is needed of it.
type callLog struct{ logger *zap.Logger }

func newCallLog(logger *zap.Logger) callLog {
	return callLog{logger.WithOptions(zap.WithCaller(false))}
}

func (l callLog) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	resp, err := handler(ctx, req)
	l.finished(ctx, info.FullMethod, start, err)
	return resp, err
}

func (l callLog) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start := time.Now()
	err := handler(srv, ss)
	l.finished(ss.Context(), info.FullMethod, start, err)
	return err
}

func (l callLog) finished(ctx context.Context, method string, start time.Time, err error) {
	if strings.HasPrefix(method, "/grpc.health.") {
		return // health checks come every few seconds for ever
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	code := errgrpc.ToStatus(err, "").Code()
	line := l.logger.Check(level(code), "finished call")
	if line == nil {
		return
	}
	c := fromContext(ctx)
	fields := make([]zap.Field, 0, 12)
	fields = append(fields, zap.String(keyRequestID, c.requestID))
	if c.caller.UserID != "" {
		fields = append(fields, zap.String(keyUser, c.caller.UserID))
	}
	if c.caller.APIKeyID != "" {
		fields = append(fields, zap.String(keyAPIKeyID, c.caller.APIKeyID))
	}
	service, name := path.Split(method)
	fields = append(fields, zap.String("grpc.service", strings.Trim(service, "/")), zap.String("grpc.method", name))
	if p, ok := peer.FromContext(ctx); ok {
		fields = append(fields, zap.Stringer("peer.address", p.Addr))
	}
	fields = append(fields, zap.String("grpc.start_time", start.Format(time.RFC3339)))
	if d, ok := ctx.Deadline(); ok {
		fields = append(fields, zap.String("grpc.request.deadline", d.Format(time.RFC3339)))
	}
	fields = append(fields, zap.Stringer("grpc.code", code))
	if err != nil {
		fields = append(fields, zap.String("grpc.error", err.Error()))
		if reason := errdefs.ReasonOf(errgrpc.FromError(err)); reason != "" {
			fields = append(fields, zap.String(keyReason, reason))
		}
	}
	line.Write(append(fields, zap.Duration("grpc.duration", time.Since(start)))...)
}

// level says how loud a finished call is: our own failures are errors, a refusal a warning, a client's mistake nothing
// special. UNIMPLEMENTED is among the last: the Python SDK asks for some of it on every start.
func level(c codes.Code) zapcore.Level {
	if c == codes.Unimplemented {
		return zapcore.InfoLevel
	}
	switch logging.DefaultServerCodeToLevel(c) {
	case logging.LevelDebug:
		return zapcore.DebugLevel
	case logging.LevelInfo:
		return zapcore.InfoLevel
	case logging.LevelWarn:
		return zapcore.WarnLevel
	default:
		return zapcore.ErrorLevel
	}
}
