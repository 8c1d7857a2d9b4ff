package coreweave

import (
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

// violations gathers what is wrong with a request, so that the caller hears of everything at once.
type violations []errdefs.Violation

func (v *violations) add(field, format string, args ...any) {
	*v = append(*v, errdefs.InvalidField(field, format, args...).Violations...)
}

// refuse adds one violation for a field that is set though Casemate can't honour it.
func (v *violations) refuse(set bool, field, why string) {
	if set {
		v.add(field, "%s", why)
	}
}

// err is nil where nothing was added.
func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	parts := make([]string, len(v))
	for i, w := range v {
		parts[i] = w.Subject + ": " + w.Description
	}
	return &errdefs.Error{
		Kind: errdefs.InvalidArgument, Reason: "INVALID_ARGUMENT", Message: strings.Join(parts, "; "), Violations: v,
	}
}
