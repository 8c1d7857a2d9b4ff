package errdefs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
)

func TestFirstErrorInTheChainDecides(t *testing.T) {
	inner := errdefs.New(errdefs.NotFound, "INNER", "inner")
	outer := errdefs.New(errdefs.Unavailable, "OUTER", "outer %d", 1).WithCause(fmt.Errorf("trying: %w", inner))
	err := fmt.Errorf("doing: %w", outer)
	if errdefs.KindOf(err) != errdefs.Unavailable || errdefs.ReasonOf(err) != "OUTER" {
		t.Errorf("kind %v, reason %q: the outermost must decide", errdefs.KindOf(err), errdefs.ReasonOf(err))
	}
	if got, want := err.Error(), "doing: outer 1: trying: inner"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, inner) {
		t.Error("the cause is not in the chain")
	}
}

func TestErrorsOfOthersAreInternal(t *testing.T) {
	for _, err := range []error{nil, errors.New("x")} {
		if _, ok := errdefs.As(err); ok || errdefs.KindOf(err) != errdefs.Internal || errdefs.ReasonOf(err) != "" {
			t.Errorf("%v: kind %v, reason %q", err, errdefs.KindOf(err), errdefs.ReasonOf(err))
		}
	}
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	base := errdefs.New(errdefs.NotFound, "R", "m").WithMetadata("a", "1")
	changed := base.WithMetadata("b", "2").WithCause(errors.New("c"))
	if len(base.Metadata) != 1 || base.Cause != nil {
		t.Errorf("base changed: %+v", base)
	}
	if changed.Metadata["a"] != "1" || changed.Metadata["b"] != "2" || changed.Cause == nil {
		t.Errorf("copy is wrong: %+v", changed)
	}
}

func TestInvalidField(t *testing.T) {
	e := errdefs.InvalidField("spec.tags[3]", "at most %d characters", 256)
	if e.Kind != errdefs.InvalidArgument || e.Reason != "INVALID_ARGUMENT" || e.Message != "spec.tags[3]: at most 256 characters" {
		t.Errorf("error = %+v", e)
	}
	if len(e.Violations) != 1 || e.Violations[0] != (errdefs.Violation{Subject: "spec.tags[3]", Description: "at most 256 characters"}) {
		t.Errorf("violations = %+v", e.Violations)
	}
}
