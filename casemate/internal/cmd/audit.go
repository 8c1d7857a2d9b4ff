package cmd

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// exitBroken is what `audit verify` ends with when the chain is broken, told apart from a call that failed.
const exitBroken = 3

func (a *app) audit() *cobra.Command {
	c := group("audit", "The audit log: every decision about a value or a right")
	c.AddCommand(a.auditList(), a.auditVerify())
	return c
}

func (a *app) auditList() *cobra.Command {
	var whole bool
	c := &cobra.Command{
		Use: "list", Args: noArgs, Short: "Show the team's part of the audit log (admins)",
		RunE: func(c *cobra.Command, _ []string) error {
			if whole {
				secrets, err := a.secrets()
				if err != nil {
					return err
				}
				return a.listAudit(c, secrets, "teams/-")
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				return a.listAudit(c, secrets, parent)
			})
		},
	}
	c.Flags().BoolVar(&whole, "all-teams", false, "the whole log (operators only)")
	return c
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
			rows = append(rows, []string{
				strconv.FormatInt(e.GetSequence(), 10), moment(e.GetTime()), e.GetUserId(), e.GetAction(), e.GetResource(),
				word(e.GetDecision(), "AUDIT_DECISION_"), dash(e.GetSandboxId()), dash(e.GetReason()),
			})
		}
		return a.table([]string{"SEQ", "TIME", "USER", "ACTION", "RESOURCE", "DECISION", "SANDBOX", "REASON"}, rows)
	})
}

func (a *app) auditVerify() *cobra.Command {
	return &cobra.Command{
		Use: "verify", Args: noArgs, Short: "Recompute the whole log's hash chain (operators only)",
		Long: `Recompute the whole log's hash chain. Ends with exit code 3 when it is broken, and says where. Keep the printed head
elsewhere: a later log that does not contain it has been rewritten.`,
		RunE: func(c *cobra.Command, _ []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			resp, err := secrets.VerifyAuditLog(c.Context(), &secretsv1.VerifyAuditLogRequest{})
			if err != nil {
				return err
			}
			err = a.show(resp, func() error {
				if !resp.GetIntact() {
					return a.line(fmt.Sprintf("broken at entry %d of %d: %s", resp.GetBrokenSequence(), resp.GetEntryCount(), resp.GetDetail()))
				}
				return a.line(fmt.Sprintf("intact: %d entries, head %s", resp.GetEntryCount(), hex.EncodeToString(resp.GetHeadHash())))
			})
			if err == nil && !resp.GetIntact() {
				return exitCodeError(exitBroken)
			}
			return err
		},
	}
}
