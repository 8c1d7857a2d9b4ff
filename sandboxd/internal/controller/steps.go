package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/casemate/casemate/pkg/tracing"
	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
)

// step is one part of long work. The three long works of a sandbox's life are lists of steps: making it (run.go), ending
// it (stop.go), and taking it up again after a restart (adopt.go).
type step struct {
	// name stands before the error of a step that fails: "creating sandbox". It is also the name of the step's span.
	name string
	// done says that there is nothing to do, and so nothing to undo; nil where there always is.
	done func() bool
	// do does it. One that fails has cleaned up after itself.
	do func(context.Context) error
	// undo takes back a do that succeeded; nil where there is nothing to take back.
	undo func(context.Context) error
}

// needed says whether there is anything to do.
func (s step) needed() bool { return s.done == nil || !s.done() }

// undoTimeout bounds the taking back of all steps together.
const undoTimeout = 30 * time.Second

// work is a list of steps on one sandbox, or on all.
type work struct {
	name    string // "run": the work's span, and the first part of its fault points
	sandbox string // id; empty: all
	tracer  trace.Tracer
}

// work names a list of steps that is about to be run.
func (c *Controller) work(name, sandbox string) work { return work{name, sandbox, c.Tracer} }

// run does the steps in order. When one fails, or ctx ends between two, it undoes what was done, the last first, whatever
// became of ctx. failed is the step's error, under its name; left is what could not be undone. The work and each step are
// a span. A step's error is in none: its words may be of what is the caller's alone.
func (w work) run(ctx context.Context, steps []step) (failed, left error) {
	ctx, span := w.start(ctx, w.name)
	defer func() { end(span, failed) }()
	var done []step
	faultpoint.Reach(w.name, "begin")
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err), w.undo(ctx, done)
		}
		if !s.needed() {
			continue
		}
		if err := w.do(ctx, s); err != nil {
			return err, w.undo(ctx, done)
		}
		done = append(done, s)
	}
	return nil, nil
}

// atOnce does steps at the same time, and returns when all of them have ended: the first error, which ends the context of
// the others. They have no undo.
func (w work) atOnce(ctx context.Context, steps ...step) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range steps {
		group.Go(func() error { return w.do(ctx, s) })
	}
	return group.Wait()
}

func (w work) do(ctx context.Context, s step) (err error) {
	ctx, span := w.start(ctx, s.name)
	defer func() { end(span, err) }()
	if err := s.do(ctx); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	faultpoint.Reach(w.name, s.name)
	return nil
}

func (w work) undo(ctx context.Context, done []step) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	var left []error
	for i := len(done) - 1; i >= 0; i-- {
		if done[i].undo == nil {
			continue
		}
		name := "undoing " + done[i].name
		ctx, span := w.start(ctx, name)
		err := done[i].undo(ctx)
		end(span, err)
		if err != nil {
			left = append(left, fmt.Errorf("%s: %w", name, err))
		}
		faultpoint.Reach(w.name, name)
	}
	return errors.Join(left...)
}

func (w work) start(ctx context.Context, name string) (context.Context, trace.Span) {
	ctx, span := w.tracer.Start(ctx, name)
	if w.sandbox != "" && span.IsRecording() {
		span.SetAttributes(tracing.KeySandbox.String(w.sandbox))
	}
	return ctx, span
}

func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
