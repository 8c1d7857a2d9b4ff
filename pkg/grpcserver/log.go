package grpcserver

import (
	"context"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc/codes"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// The keys of a call's log line that the middleware does not name itself.
const (
	keyRequestID = "request_id"
	keyMethod    = "method"
	keyReason    = "reason"
	keyUser      = "user"
	keyAPIKeyID  = "api_key_id"
)

// logOptions make one line a finished call: method, code, duration, peer address, request id, user and key id, and for
// a failed one the reason and the whole error. FinishCall only: the payload events would print requests.
func logOptions() []logging.Option {
	return []logging.Option{
		logging.WithLogOnEvents(logging.FinishCall),
		logging.WithDisableLoggingFields(logging.SystemTag[0], logging.ComponentFieldKey, logging.MethodTypeFieldKey),
		logging.WithDurationField(logging.DurationToDurationField),
		logging.WithCodes(func(err error) codes.Code { return errgrpc.ToStatus(err, "").Code() }),
		logging.WithLevels(level),
		logging.WithErrorFields(func(err error) logging.Fields {
			if reason := errdefs.ReasonOf(errgrpc.FromError(err)); reason != "" {
				return logging.Fields{keyReason, reason}
			}
			return nil
		}),
		logging.WithFieldsFromContext(func(ctx context.Context) logging.Fields {
			c := fromContext(ctx)
			fields := logging.Fields{keyRequestID, c.requestID}
			if c.caller.UserID != "" {
				fields = append(fields, keyUser, c.caller.UserID)
			}
			if c.caller.APIKeyID != "" {
				fields = append(fields, keyAPIKeyID, c.caller.APIKeyID)
			}
			return fields
		}),
	}
}

// level says how loud a finished call is: our own failures are errors, a refusal a warning, a client's mistake nothing
// special. UNIMPLEMENTED is among the last: the Python SDK asks for some of it on every start.
func level(c codes.Code) logging.Level {
	if c == codes.Unimplemented {
		return logging.LevelInfo
	}
	return logging.DefaultServerCodeToLevel(c)
}

// zapAdapter gives the middleware's key-value fields to zap.
func zapAdapter(logger *zap.Logger) logging.Logger {
	logger = logger.WithOptions(zap.WithCaller(false))
	return logging.LoggerFunc(func(_ context.Context, lvl logging.Level, msg string, fields ...any) {
		entry := logger.Check(zapLevel(lvl), msg)
		if entry == nil {
			return
		}
		out := make([]zap.Field, 0, len(fields)/2)
		for i := logging.Fields(fields).Iterator(); i.Next(); {
			k, v := i.At()
			out = append(out, zap.Any(k, v))
		}
		entry.Write(out...)
	})
}

func zapLevel(l logging.Level) zapcore.Level {
	switch l {
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
