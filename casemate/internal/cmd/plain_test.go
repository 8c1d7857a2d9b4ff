package cmd

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// hostile clears the screen, by two ways, colours, turns the order of writing around, and begins a row and a column of its own.
const hostile = "a\x1b[2J\u009b31m\u202eb\r\n1\tx\x7f"

// TestTerminalIsNotDriven prints what others chose in every way that there is.
func TestTerminalIsNotDriven(t *testing.T) {
	var out bytes.Buffer
	a := &app{Streams: Streams{Out: &out, Err: &out}, output: "text"}
	for what, print := range map[string]func() error{
		"a table": func() error { return a.table([]string{"NAME"}, [][]string{{hostile}}) },
		"a line":  func() error { return a.line(hostile) },
		"an entry": func() error {
			return a.entryLines()([]*secretsv1.AuditEntry{{Sequence: 1, SandboxId: hostile}})
		},
		"an error": func() error {
			a.printError(&cobra.Command{Use: "x"}, errdefs.New(errdefs.Internal, "", "%s", hostile))
			return nil
		},
		"a violation": func() error {
			e := errdefs.New(errdefs.InvalidArgument, "INVALID_ARGUMENT", "no")
			e.Violations = []errdefs.Violation{{Subject: hostile, Description: hostile}}
			a.printError(&cobra.Command{Use: "x"}, e)
			return nil
		},
	} {
		out.Reset()
		if err := print(); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); strings.ContainsAny(got, "\x1b\u009b\u202e\r\x7f") || !strings.Contains(got, `a\u001b[2J\u009b31m\u202eb`) {
			t.Errorf("%s prints %q", what, got)
		}
		if rows := strings.Count(out.String(), "\n1\t"); (what == "a table" || what == "an entry") && rows > 0 {
			t.Errorf("%s has a row that is not its own: %q", what, out.String())
		}
	}
}

func TestJSONStaysTheSame(t *testing.T) {
	var out bytes.Buffer
	a := &app{Streams: Streams{Out: &out}, output: "json"}
	if err := a.show(&secretsv1.AuditEntry{SandboxId: hostile}, nil); err != nil {
		t.Fatal(err)
	}
	var got struct {
		SandboxID string `json:"sandbox_id"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.SandboxID != hostile || strings.ContainsAny(out.String(), "\u009b\u202e\x7f") {
		t.Errorf("%q, %v", out.String(), err)
	}
}
