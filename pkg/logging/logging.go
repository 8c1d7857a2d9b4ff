// Package logging makes the daemons' loggers and names the fields they share. A log line has a constant message; what
// varies is in fields. Requests and values are never logged.
package logging

import (
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Keys of fields that more than one package writes.
const (
	KeyRequestID = "request_id"
	KeyTeam      = "team"
	KeyUser      = "user"
	KeySandbox   = "sandbox"
	KeySecret    = "secret"
	KeyImage     = "image"
	KeyAddress   = "address"
)

// flushInterval is how long a line may wait in a daemon's buffer.
const flushInterval = 100 * time.Millisecond

// NewBuffered is New for a daemon that may write thousands of lines a second: they leave in one piece after a tenth of a second, or
// 64 KiB; with a warning and what is worse, at once. Call flush last: what a kill leaves in the buffer is lost.
func NewBuffered(w io.Writer, level, format string) (_ *zap.Logger, flush func(), _ error) {
	// Without w's own Sync, which would have a file on disk for every warning.
	buffer := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(struct{ io.Writer }{w}), Size: 64 << 10, FlushInterval: flushInterval}
	logger, err := New(buffer, level, format)
	if err != nil {
		return nil, nil, err
	}
	logger = logger.WithOptions(zap.Hooks(func(e zapcore.Entry) error {
		if e.Level >= zapcore.WarnLevel {
			return buffer.Sync()
		}
		return nil
	}))
	return logger, func() { _ = buffer.Stop() }, nil
}

// New makes a logger that writes to w. Level is debug, info, warn or error; format is json (one object a line) or console
// (for people).
func New(w io.Writer, level, format string) (*zap.Logger, error) {
	lvl, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, fmt.Errorf("log level %q: want debug, info, warn or error", level)
	}
	enc := zap.NewProductionEncoderConfig()
	enc.TimeKey = "time"
	enc.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	enc.EncodeDuration = zapcore.StringDurationEncoder
	var encoder zapcore.Encoder
	switch format {
	case "json":
		encoder = zapcore.NewJSONEncoder(enc)
	case "console":
		enc.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(enc)
	default:
		return nil, fmt.Errorf("log format %q: want json or console", format)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), lvl), zap.AddStacktrace(zapcore.DPanicLevel)), nil
}
