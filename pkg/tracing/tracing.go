// Package tracing sends a daemon's traces to an OTLP receiver, such as an OpenTelemetry collector. Without an endpoint it is
// off, and costs nothing: no interceptor is installed and every span is a no-op.
//
// What leaves is bounded by a list (filter.go): ids, names of steps and calls, status codes. No value, argument, path,
// message or error text is in a span, whoever wrote it there.
package tracing

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc/stats"
)

// closeTimeout bounds the sending of the last spans.
const closeTimeout = 5 * time.Second

// Config is what an operator can set; it is part of each daemon's configuration.
type Config struct {
	Endpoint    string  `yaml:"endpoint" usage:"OTLP receiver that gets traces by gRPC, http://host:port or, with TLS, https://host:port; empty: there are no traces"`
	SampleRatio float64 `yaml:"sample_ratio" usage:"part of the calls that are traced, from 0 to 1; a call that another daemon began to trace is"`
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.SampleRatio < 0 || c.SampleRatio > 1 {
		return fmt.Errorf("tracing.sample_ratio: %v is not from 0 to 1", c.SampleRatio)
	}
	if c.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Port() == "" {
		return fmt.Errorf("tracing.endpoint: %q is neither http://host:port nor https://host:port", c.Endpoint)
	}
	return nil
}

// Tracing makes a daemon's spans. Nil is one that is off.
type Tracing struct {
	provider *sdktrace.TracerProvider
}

// Open prepares tracing for a daemon, "secretsd" or "sandboxd"; nil where cfg has no endpoint. It connects by itself, later:
// a receiver that is away loses spans and holds up nobody.
func Open(ctx context.Context, cfg Config, daemon string) (*Tracing, error) {
	if cfg.Endpoint == "" {
		return nil, nil
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(cfg.Endpoint))
	if err != nil {
		return nil, fmt.Errorf("tracing.endpoint: %w", err)
	}
	return &Tracing{provider: sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(filter{exporter}),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(cfg.SampleRatio))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", daemon))),
	)}, nil
}

// Close sends what has not been sent.
func (t *Tracing) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // a receiver that is away is no failure of ours
	return nil
}

// Tracer makes spans of the daemon's own.
func (t *Tracing) Tracer() trace.Tracer {
	if t == nil {
		return noop.NewTracerProvider().Tracer("")
	}
	return t.provider.Tracer("github.com/casemate/casemate")
}

// Server is the handler that makes each call to a server a span; nil when tracing is off. trusted says whether the caller's
// own trace is gone on with: others get a trace of their own, so that nobody decides what we record.
func (t *Tracing) Server(trusted func(context.Context) bool) stats.Handler {
	if t == nil {
		return nil
	}
	return otelgrpc.NewServerHandler(append(t.options(),
		otelgrpc.WithPublicEndpointFn(func(ctx context.Context, _ *stats.RPCTagInfo) bool { return !trusted(ctx) }))...)
}

// Client is the handler that makes each call by a client a span, and tells the server of it; nil when tracing is off.
func (t *Tracing) Client() stats.Handler {
	if t == nil {
		return nil
	}
	return otelgrpc.NewClientHandler(t.options()...)
}

func (t *Tracing) options() []otelgrpc.Option {
	return []otelgrpc.Option{
		otelgrpc.WithTracerProvider(t.provider),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()), // there are metrics already
		otelgrpc.WithPropagators(propagation.TraceContext{}),
		otelgrpc.WithFilter(ours),
	}
}
