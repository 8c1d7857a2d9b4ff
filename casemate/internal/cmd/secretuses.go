package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) secretUses() *cobra.Command {
	var number string
	var all bool
	c := &cobra.Command{
		Use: "uses NAME", Args: exactArgs(1), Short: "Show which sandboxes hold a secret, who ran them, and which version they have",
		Long: `Show which sandboxes hold a secret, newest first: what must be restarted, or ended, when a version has leaked. With --all,
those that have ended too. Needs the right to read the audit log.`,
		Example: "  casemate secret uses HF_TOKEN --version 3",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				req := &secretsv1.ListSecretUsesRequest{Parent: parent + "/secrets/" + args[0], RunningOnly: !all, PageSize: 1000}
				if number != "" {
					req.Parent += "/versions/" + number
				}
				list := &secretsv1.ListSecretUsesResponse{}
				err := pages(func(token string) (string, error) {
					req.PageToken = token
					resp, err := secrets.ListSecretUses(c.Context(), req)
					list.Uses = append(list.Uses, resp.GetUses()...)
					return resp.GetNextPageToken(), err
				})
				if err != nil {
					return err
				}
				return a.show(list, func() error { return a.printUses(list.GetUses()) })
			})
		},
	}
	c.Flags().StringVar(&number, "version", "", "only this version: a number, latest, or an alias")
	c.Flags().BoolVarP(&all, "all", "a", false, "show sandboxes that have ended too")
	return c
}

func (a *app) printUses(uses []*secretsv1.SecretUse) error {
	var rows [][]string
	for _, u := range uses {
		ended := "-"
		if u.GetEndTime() != nil {
			ended = age(u.GetEndTime())
		}
		rows = append(rows, []string{
			base(u.GetSandbox()), base(u.GetVersion()), dash(u.GetField()), dash(u.GetEnvVar()), u.GetUserId(), age(u.GetUseTime()), ended,
		})
	}
	return a.table([]string{"SANDBOX", "VERSION", "FIELD", "VARIABLE", "BY", "SINCE", "ENDED"}, rows)
}

func (a *app) secretRevoke() *cobra.Command {
	var number string
	c := &cobra.Command{
		Use: "revoke NAME --version NUMBER", Args: exactArgs(1), Short: "Disable a version and end the sandboxes that hold it",
		Long: `Disable a version, and end the sandboxes that hold it, at once and without a grace period: the environment of a process that
runs can't be changed, so nothing less takes the value away from it. A sandboxd that is away does it when it is back.
"casemate secret uses" shows beforehand who is meant. "casemate secret enable" takes it back for new sandboxes.`,
		Example: "  casemate secret revoke HF_TOKEN --version 3",
		RunE: func(c *cobra.Command, args []string) error {
			if number == "" {
				return usagef("say which version with --version: all sandboxes that hold it are ended")
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.RevokeSecretVersion(c.Context(), &secretsv1.RevokeSecretVersionRequest{
					Name: parent + "/secrets/" + args[0] + "/versions/" + number, Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP,
				})
				if err != nil {
					return err
				}
				return a.show(resp, func() error {
					return a.line(fmt.Sprintf("version %s of %s is revoked; %s", number, args[0], ending(resp.GetRunningSandboxes())))
				})
			})
		},
	}
	c.Flags().StringVar(&number, "version", "", "which version, by its number")
	return c
}

func ending(sandboxes int32) string {
	switch sandboxes {
	case 0:
		return "no sandbox holds it"
	case 1:
		return "the one sandbox that holds it is being ended"
	default:
		return fmt.Sprintf("the %d sandboxes that hold it are being ended", sandboxes)
	}
}
