package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/auditlog/auditpb"
)

func (a *app) auditTail() *cobra.Command {
	var whole, follow bool
	var last int32
	var after int64
	c := &cobra.Command{
		Use: "tail", Args: noArgs, Short: "Show the newest entries of the team's audit log, and follow it (admins)",
		Long: `Show the newest entries of the team's audit log, and with --follow what comes, until you end it. With -o json every entry
is a line, as an export has it. When it ends with an error, it says where to go on.`,
		Example: `  casemate audit tail --follow
  casemate audit tail --follow --all-teams --after 120344 -o json >> audit.jsonl`,
		RunE: func(c *cobra.Command, _ []string) error {
			req := &secretsv1.TailAuditEntriesRequest{Last: last, Follow: follow}
			if c.Flags().Changed("after") {
				req.AfterSequence = &after
			}
			return a.inLog(c.Context(), whole, func(secrets secretsv1.SecretsManagerClient, parent string) error {
				req.Parent = parent
				return a.tailAudit(c, secrets, req)
			})
		},
	}
	f := c.Flags()
	f.BoolVarP(&follow, "follow", "f", false, "go on with what comes")
	f.Int32VarP(&last, "last", "n", 10, "begin with the newest `N` entries")
	f.Int64Var(&after, "after", 0, "begin after the entry of this `SEQUENCE` instead; 0: with the first that is kept")
	c.MarkFlagsMutuallyExclusive("last", "after")
	allTeams(c, &whole)
	return c
}

func (a *app) tailAudit(c *cobra.Command, secrets secretsv1.SecretsManagerClient, req *secretsv1.TailAuditEntriesRequest) error {
	stream, err := secrets.TailAuditEntries(c.Context(), req)
	if err != nil {
		return err
	}
	show := a.entryLines()
	var position int64
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if position > 0 && req.GetFollow() {
				fmt.Fprintf(a.Err, "casemate: everything up to entry %d was shown; --after %d goes on from there\n", position, position)
			}
			return err
		}
		for _, e := range resp.GetEntries() {
			if err := show(e); err != nil {
				return err
			}
		}
		position = resp.GetAfterSequence()
	}
}

// entryLines returns what prints entries, each as one line. For people they stand in columns under a header: as they come, a
// column is as wide as its widest cell so far.
func (a *app) entryLines() func(*secretsv1.AuditEntry) error {
	if a.output != "text" {
		return func(e *secretsv1.AuditEntry) error {
			line, err := auditlog.AppendLine(nil, auditlog.Record{Entry: auditpb.Entry(e)})
			if err != nil {
				return err
			}
			_, err = a.Out.Write(line)
			return err
		}
	}
	widths := make([]int, len(auditHeader))
	row := func(cells []string) error {
		var line strings.Builder
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			fmt.Fprintf(&line, "%-*s   ", widths[i], cell)
		}
		return a.line(strings.TrimRight(line.String(), " "))
	}
	headed := false
	return func(e *secretsv1.AuditEntry) error {
		if !headed {
			headed = true
			if err := row(auditHeader); err != nil {
				return err
			}
		}
		return row(cells(auditRow(e)))
	}
}
