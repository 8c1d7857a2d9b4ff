package controller

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// step is one part of long work. do that fails has cleaned up after itself; undo takes back a do that succeeded, nil
// where there is nothing to take back.
type step struct {
	name string
	do   func(context.Context) error
	undo func(context.Context) error
}

// undoTimeout bounds the taking back of all steps together.
const undoTimeout = 30 * time.Second

// runSteps does the steps in order. When one fails, or ctx ends between two, it undoes what was done, the last first,
// whatever became of ctx. failed is the step's error, under its name; left is what could not be undone.
func runSteps(ctx context.Context, steps []step) (failed, left error) {
	for i, s := range steps {
		err := ctx.Err()
		if err == nil {
			err = s.do(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err), undoSteps(ctx, steps[:i])
		}
	}
	return nil, nil
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
