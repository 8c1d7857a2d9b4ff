package store

import (
	"encoding/json"
	"fmt"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// maskingRecord is a sandbox.Masking as stored in the column `masking`, ” for the zero value:
//
//	{"output":true,"unmasked":[{"env_var":"PIN","gap":"SHORT"}]}
type maskingRecord struct {
	Output   bool             `json:"output,omitempty"`
	Unmasked []unmaskedRecord `json:"unmasked,omitempty"`
}

type unmaskedRecord struct {
	EnvVar string             `json:"env_var"`
	Gap    sandbox.MaskingGap `json:"gap"`
}

func encodeMasking(m sandbox.Masking) string {
	if !m.Output && len(m.Unmasked) == 0 {
		return ""
	}
	r := maskingRecord{Output: m.Output}
	for _, u := range m.Unmasked {
		r.Unmasked = append(r.Unmasked, unmaskedRecord(u))
	}
	b, _ := json.Marshal(r) // a struct of texts and a truth always can be
	return string(b)
}

func decodeMasking(text string) (m sandbox.Masking, err error) {
	if text == "" {
		return m, nil
	}
	var r maskingRecord
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return m, fmt.Errorf("decoding what is recorded of masking: %w", err)
	}
	m.Output = r.Output
	for _, u := range r.Unmasked {
		m.Unmasked = append(m.Unmasked, sandbox.UnmaskedVar(u))
	}
	return m, nil
}
