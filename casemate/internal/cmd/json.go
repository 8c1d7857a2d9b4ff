package cmd

import (
	"bytes"
	"encoding/json"
)

// indentJSON lays protojson's output out anew: protojson varies its white space on purpose, and -o json is stable.
func indentJSON(raw []byte) (string, error) {
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return "", err
	}
	return out.String(), nil
}

// compactJSON is indentJSON for one line.
func compactJSON(raw []byte) (string, error) {
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return "", err
	}
	return out.String(), nil
}
