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
		if err := show(resp.GetEntries()); err != nil {
			return err
		}
		position = resp.GetAfterSequence()
	}
}

// entryLines returns what prints entries, each as one line. For people they stand in columns under a header: a column is as
// wide as its widest cell so far.
func (a *app) entryLines() func([]*secretsv1.AuditEntry) error {
	if a.output != "text" {
		return a.jsonLines
	}
	widths := make([]int, len(auditHeader))
	headed := false
	return func(entries []*secretsv1.AuditEntry) error {
		var rows [][]string
		if !headed && len(entries) > 0 {
			rows, headed = append(rows, auditHeader), true
		}
		for _, e := range entries {
			rows = append(rows, cells(auditRow(e)))
		}
		for _, row := range rows {
			for i, cell := range row {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
		for _, row := range rows {
			var line strings.Builder
			for i, cell := range row {
				fmt.Fprintf(&line, "%-*s   ", widths[i], cell)
			}
			if err := a.line(strings.TrimRight(line.String(), " ")); err != nil {
				return err
			}
		}
		return nil
	}
}

func (a *app) jsonLines(entries []*secretsv1.AuditEntry) error {
	for _, e := range entries {
		line, err := auditlog.AppendLine(nil, auditlog.Record{Entry: auditpb.Entry(e)})
		if err != nil {
			return err
		}
		if _, err = a.Out.Write(line); err != nil {
			return err
		}
	}
	return nil
}
