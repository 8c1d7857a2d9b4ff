package native

import (
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

var maskingGaps = map[sandbox.MaskingGap]sandboxv1.MaskingGap{
	"SHORT":  sandboxv1.MaskingGap_MASKING_GAP_SHORT,
	"COMMON": sandboxv1.MaskingGap_MASKING_GAP_COMMON,
}

func unmaskedToProto(vars []sandbox.UnmaskedVar) []*sandboxv1.UnmaskedVariable {
	var out []*sandboxv1.UnmaskedVariable
	for _, v := range vars {
		out = append(out, &sandboxv1.UnmaskedVariable{EnvVar: v.EnvVar, Gap: maskingGaps[v.Gap]})
	}
	return out
}
