package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

func (a *app) events() *cobra.Command {
	var o casemate.EventOptions
	c := &cobra.Command{
		Use: "events [SANDBOX]", Args: atMostOneArg, Short: "Show what happened to a sandbox, and when",
		Long: `Show what happened to a sandbox, the oldest first: when it was asked for, made, stopped and by whom, and how it ended. Without
SANDBOX, what happened to all of the team's, those that could not be made too. With -o json every event is a line.`,
		Example: `  casemate events sb-2cs3f6rn5ybwszfe
  casemate events --follow`,
		RunE: func(c *cobra.Command, args []string) error {
			name := casemate.AllSandboxes
			if len(args) > 0 {
				name = args[0]
			} else if a.settings.Team != "" {
				name = "teams/" + a.settings.Team + "/sandboxes/" + casemate.AllSandboxes
			}
			sandbox, err := a.sandbox(name)
			if err != nil {
				return err
			}
			show := a.eventLines(len(args) == 0)
			for e, err := range sandbox.Events(c.Context(), o) {
				if err == nil {
					err = show(e)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.Follow, "follow", "f", false, "go on with what happens, until the sandbox has ended")
	f.Int64Var(&o.After, "after", 0, "begin after the event of this `SEQUENCE`, which -o json shows")
	return c
}

// eventLines returns what prints events. A line has the time, in local time, the time since the sandbox's first event, what
// happened, who did it, and more about it.
func (a *app) eventLines(sandboxes bool) func(*sandboxv1.SandboxEvent) error {
	if a.output != "text" {
		return func(e *sandboxv1.SandboxEvent) error { return a.jsonLine(e) }
	}
	first := map[string]time.Time{}
	return func(e *sandboxv1.SandboxEvent) error {
		at := e.GetTime().AsTime()
		if _, seen := first[e.GetSandbox()]; !seen {
			first[e.GetSandbox()] = at
		}
		since := at.Sub(first[e.GetSandbox()]).Round(time.Millisecond)
		line := fmt.Sprintf("%s  %10s  ", moment(e.GetTime()), "+"+since.String())
		if sandboxes {
			line += fmt.Sprintf("%-19s  ", base(e.GetSandbox()))
		}
		line += fmt.Sprintf("%-16s  %s", word(e.GetKind(), "SANDBOX_EVENT_KIND_"), plain(e.GetDetail())) // one line: a break in it would pass for another event
		if e.GetActor() != "" {
			line = strings.TrimRight(line, " ") + " (by " + e.GetActor() + ")"
		}
		return a.line(strings.TrimRight(line, " "))
	}
}
