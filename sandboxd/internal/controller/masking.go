package controller

import (
	"cmp"
	"slices"

	"github.com/casemate/casemate/pkg/masking"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// masks says how the values of a sandbox are masked: in its output when the team, whose answer the values are, or the spec asks
// for it. A sandbox without values has nothing to mask.
func masks(spec sandbox.Spec, values resolve.Values) (m sandbox.Masking) {
	for _, v := range values {
		m.Output = m.Output || v.MaskOutput || spec.MaskOutput
		if gap := masking.Check(v.Data); gap != masking.None {
			m.Unmasked = append(m.Unmasked, sandbox.UnmaskedVar{EnvVar: v.EnvVar, Gap: sandbox.MaskingGap(gap)})
		}
	}
	slices.SortFunc(m.Unmasked, func(a, b sandbox.UnmaskedVar) int { return cmp.Compare(a.EnvVar, b.EnvVar) })
	return m
}
