package cmd

import (
	"bufio"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) teamRotateKey() *cobra.Command {
	var noWait bool
	c := &cobra.Command{
		Use: "rotate-key", Args: noArgs, Short: "Give the team a new data key and seal every value anew (admins)",
		Long: `Give the team a new data key and seal every value anew. secretsd does it in the background, and goes on with it after a
restart; this command waits for its end. Interrupting it does not stop the rotation.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.RotateDataKey(c.Context(), &secretsv1.RotateDataKeyRequest{Name: parent})
				if err != nil {
					return err
				}
				status := resp.GetStatus()
				err = a.waitRotated(c, noWait, func() (kept, left, all int64, err error) {
					resp, err := secrets.GetKeyStatus(c.Context(), &secretsv1.GetKeyStatusRequest{Name: parent})
					if err == nil {
						status = resp.GetDataKey()
					}
					return int64(len(status.GetRetiredKeyIds())), status.GetVersionsOnRetiredKeys(), status.GetVersions(), err
				})
				if err != nil {
					return err
				}
				return a.showDataKey(status)
			})
		},
	}
	c.Flags().BoolVar(&noWait, "no-wait", false, "begin it, and don't wait for its end")
	return c
}

func (a *app) teamKeyStatus() *cobra.Command {
	return &cobra.Command{
		Use: "key-status", Args: noArgs, Short: "Show which data keys the team has, and how much still needs a retired one",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.GetKeyStatus(c.Context(), &secretsv1.GetKeyStatusRequest{Name: parent})
				if err != nil {
					return err
				}
				return a.showDataKey(resp.GetDataKey())
			})
		},
	}
}

func (a *app) showDataKey(s *secretsv1.DataKeyStatus) error {
	return a.show(s, func() error {
		if err := a.line("key " + s.GetKeyId() + " of team " + base(s.GetTeam()) + " seals " + count(s.GetVersions(), "version")); err != nil {
			return err
		}
		return a.retired(s.GetRetiredKeyIds(), s.GetVersionsOnRetiredKeys(), "version")
	})
}

func (a *app) teamDelete() *cobra.Command {
	var confirm string
	c := &cobra.Command{
		Use: "delete NAME", Args: exactArgs(1), Short: "Destroy a team's key, values and members for good (owners, operators)",
		Long: `Destroy a team's data key, the ciphertext of all its values and its members, and revoke its API keys, for good. Its audit
entries stay, and its name stays taken. The name has to be said again: at the question, or with --confirm.`,
		RunE: func(c *cobra.Command, args []string) error {
			again, err := a.ask(bufio.NewReader(a.In), "All values of team "+args[0]+" will be lost. Its name again", confirm, "")
			if err != nil {
				return err
			}
			if again != args[0] {
				return usagef("to delete team %s, say its name again: --confirm %s", args[0], args[0])
			}
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			resp, err := secrets.DeleteTeam(c.Context(), &secretsv1.DeleteTeamRequest{Name: "teams/" + args[0]})
			if err != nil {
				return err
			}
			return a.show(resp, func() error {
				return a.line("team " + args[0] + " is deleted; backups still open with the key-encryption key of now: `casemate kek rotate` ends that")
			})
		},
	}
	c.Flags().StringVar(&confirm, "confirm", "", "the team's `name`, again")
	return c
}
