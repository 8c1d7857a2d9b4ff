package auditlog_test

import (
	"bytes"
	"testing"

	"github.com/casemate/casemate/pkg/auditlog"
)

// FuzzParseLine holds the parser of exports to its word: what it takes is what would be written, byte for byte.
func FuzzParseLine(f *testing.F) {
	for line := range bytes.Lines(lines(f, vectorLog())) {
		f.Add(line)
	}
	f.Add([]byte(`{"type":"entry","sequence":1}`))
	f.Add([]byte(`{"type":"checkpoint","time":"0000-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := auditlog.ParseLine(line)
		if err != nil {
			return
		}
		again, err := auditlog.AppendLine(nil, r)
		if err != nil || !bytes.Equal(bytes.TrimSuffix(again, []byte("\n")), bytes.TrimSuffix(line, []byte("\n"))) {
			t.Errorf("%q is taken, and would be written as %q, %v", line, again, err)
		}
		// Whatever it is, a verification ends with a report.
		auditlog.NewVerifier(auditlog.Options{}).Next(r)
	})
}
