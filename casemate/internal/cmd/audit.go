package cmd

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/resource"
)

func (a *app) audit() *cobra.Command {
	c := group("audit", "The audit log: every decision about a value or a right")
	c.AddCommand(a.auditList(), a.auditTail(), a.auditExport(), a.auditVerify())
	return c
}

func (a *app) auditList() *cobra.Command {
	var whole bool
	c := &cobra.Command{
		Use: "list", Args: noArgs, Short: "Show the team's part of the audit log (admins)",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inLog(c.Context(), whole, func(secrets secretsv1.SecretsManagerClient, parent string) error {
				return a.listAudit(c, secrets, parent)
			})
		},
	}
	allTeams(c, &whole)
	return c
}

func allTeams(c *cobra.Command, whole *bool) {
	c.Flags().BoolVar(whole, "all-teams", false, "the whole log (operators only)")
}

// inLog calls fn with the part of the log that is meant: the team's, or the whole.
func (a *app) inLog(ctx context.Context, whole bool, fn func(secrets secretsv1.SecretsManagerClient, parent string) error) error {
	if !whole {
		return a.inTeam(ctx, fn)
	}
	secrets, err := a.secrets()
	if err != nil {
		return err
	}
	return fn(secrets, resource.AllTeams)
}

func (a *app) listAudit(c *cobra.Command, secrets secretsv1.SecretsManagerClient, parent string) error {
	all := &secretsv1.ListAuditEntriesResponse{}
	err := pages(func(token string) (string, error) {
		resp, err := secrets.ListAuditEntries(c.Context(), &secretsv1.ListAuditEntriesRequest{Parent: parent, PageSize: 1000, PageToken: token})
		all.Entries = append(all.Entries, resp.GetEntries()...)
		return resp.GetNextPageToken(), err
	})
	if err != nil {
		return err
	}
	return a.show(all, func() error {
		var rows [][]string
		for _, e := range all.GetEntries() {
			rows = append(rows, auditRow(e))
		}
		return a.table(auditHeader, rows)
	})
}

var auditHeader = []string{"SEQ", "TIME", "USER", "ACTION", "RESOURCE", "DECISION", "SANDBOX", "REASON"}

// auditRow is an entry for people. What secretsd did by itself has no user.
func auditRow(e *secretsv1.AuditEntry) []string {
	return []string{
		strconv.FormatInt(e.GetSequence(), 10), moment(e.GetTime()), dash(e.GetUserId()), e.GetAction(), e.GetResource(),
		word(e.GetDecision(), "AUDIT_DECISION_"), dash(e.GetSandboxId()), dash(e.GetReason()),
	}
}
