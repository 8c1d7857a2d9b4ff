package cmd

import (
	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) secretDelete() *cobra.Command {
	var purge bool
	del := &cobra.Command{
		Use: "delete NAME", Args: exactArgs(1), Short: "Delete a secret; it can be undeleted until it is erased",
		Long: `Delete a secret: from now on nobody can use, read or change it, and its name stays taken. "casemate secret undelete"
brings it back, until secretsd erases it, as a rule after 30 days. --purge erases it and all its versions now, for good,
also one that was deleted before.`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.DeleteSecret(c.Context(), &secretsv1.DeleteSecretRequest{Name: parent + "/secrets/" + args[0], Purge: purge})
				if err != nil {
					return err
				}
				return a.show(resp, func() error {
					if resp.GetSecret() == nil {
						return a.line("secret " + args[0] + " is erased")
					}
					return a.line("secret " + args[0] + " is deleted, and will be erased on " + moment(resp.GetSecret().GetPurgeTime()))
				})
			})
		},
	}
	del.Flags().BoolVar(&purge, "purge", false, "erase it now, for good")
	return del
}

func (a *app) secretUndelete() *cobra.Command {
	return &cobra.Command{
		Use: "undelete NAME", Args: exactArgs(1), Short: "Bring a deleted secret back",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.UndeleteSecret(c.Context(), &secretsv1.UndeleteSecretRequest{Name: parent + "/secrets/" + args[0]})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.printSecrets(resp.GetSecret()) })
			})
		},
	}
}
