package onhost

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
)

// spanned does a step of making a sandbox: as a span, where the caller's context has one that is recorded, and with a
// fault point after it. The span does not carry the error: its words may be of what is the caller's alone.
func (r *Runtime) spanned(ctx context.Context, name string, do func(context.Context) error) error {
	ctx, span := trace.SpanFromContext(ctx).TracerProvider().Tracer(r.name).Start(ctx, name)
	defer span.End()
	if err := do(ctx); err != nil {
		span.SetStatus(codes.Error, "")
		return err
	}
	faultpoint.Reach(r.name, name)
	return nil
}
