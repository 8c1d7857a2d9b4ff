package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// step is one part of long work. The three long works of a sandbox's life are lists of steps: making it (run.go), ending
// it (stop.go), and taking it up again after a restart (adopt.go).
type step struct {
	// name stands before the error of a step that fails: "creating sandbox".
	name string
	// done says that there is nothing to do, and so nothing to undo; nil where there always is.
	done func() bool
	// do does it. One that fails has cleaned up after itself.
	do func(context.Context) error
	// undo takes back a do that succeeded; nil where there is nothing to take back.
	undo func(context.Context) error
}

// undoTimeout bounds the taking back of all steps together.
const undoTimeout = 30 * time.Second

// runSteps does the steps in order. When one fails, or ctx ends between two, it undoes what was done, the last first,
// whatever became of ctx. failed is the step's error, under its name; left is what could not be undone.
func runSteps(ctx context.Context, steps []step) (failed, left error) {
	var done []step
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err), undoSteps(ctx, done)
		}
		if s.done != nil && s.done() {
			continue
		}
		if err := s.run(ctx); err != nil {
			return err, undoSteps(ctx, done)
		}
		done = append(done, s)
	}
	return nil, nil
}

// atOnce does steps at the same time, and returns when all of them have ended: the first error, which ends the context of
// the others. They have no undo.
func atOnce(ctx context.Context, steps ...step) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range steps {
		group.Go(func() error { return s.run(ctx) })
	}
	return group.Wait()
}

func (s step) run(ctx context.Context) error {
	if err := s.do(ctx); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

func undoSteps(ctx context.Context, done []step) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	var left []error
	for i := len(done) - 1; i >= 0; i-- {
		if undo := done[i].undo; undo != nil {
			if err := undo(ctx); err != nil {
				left = append(left, fmt.Errorf("undoing %s: %w", done[i].name, err))
			}
		}
	}
	return errors.Join(left...)
}
