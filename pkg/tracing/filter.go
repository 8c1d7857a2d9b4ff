package tracing

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/stats"
)

// KeySandbox is the attribute with a sandbox's id.
const KeySandbox = attribute.Key("casemate.sandbox")

// mayLeave are the keys of attributes that are sent. What a library writes besides is not.
var mayLeave = []attribute.Key{KeySandbox, "rpc.system", "rpc.system.name", "rpc.service", "rpc.method", "rpc.grpc.status_code", "rpc.response.status_code"}

// filter sends spans without what could carry something of a caller's: other attributes, events, and the words of a status.
type filter struct{ sdktrace.SpanExporter }

// ExportSpans implements sdktrace.SpanExporter.
func (f filter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	filtered := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		filtered[i] = bare{s}
	}
	return f.SpanExporter.ExportSpans(ctx, filtered)
}

// bare is a span with nothing but what may leave.
type bare struct{ sdktrace.ReadOnlySpan }

// Attributes implements sdktrace.ReadOnlySpan.
func (s bare) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool {
		return !slices.Contains(mayLeave, a.Key)
	})
}

// Events implements sdktrace.ReadOnlySpan.
func (bare) Events() []sdktrace.Event { return nil }

// Links implements sdktrace.ReadOnlySpan.
func (s bare) Links() []sdktrace.Link {
	links := slices.Clone(s.ReadOnlySpan.Links())
	for i := range links {
		links[i].Attributes = nil
	}
	return links
}

// Status implements sdktrace.ReadOnlySpan.
func (s bare) Status() sdktrace.Status { return sdktrace.Status{Code: s.ReadOnlySpan.Status().Code} }

// ours are the calls that become spans: those of our services, and not what load balancers ask all the time.
func ours(info *stats.RPCTagInfo) bool {
	return strings.HasPrefix(info.FullMethodName, "/casemate.") || strings.HasPrefix(info.FullMethodName, "/coreweave.")
}
