package cmd

import (
	"context"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// versionCommands are disable, enable and destroy: one shape, three rpcs.
func (a *app) versionCommands() []*cobra.Command {
	type call func(ctx context.Context, secrets secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error)
	command := func(verb, short string, do call) *cobra.Command {
		var number string
		c := &cobra.Command{
			Use: verb + " NAME --version NUMBER", Args: exactArgs(1), Short: short,
			RunE: func(c *cobra.Command, args []string) error {
				if number == "" {
					return usagef("say which version with --version; `casemate secret versions %s` lists them", args[0])
				}
				return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
					v, err := do(c.Context(), secrets, parent+"/secrets/"+args[0]+"/versions/"+number)
					if err != nil {
						return err
					}
					return a.show(v, func() error { return a.printVersions(v) })
				})
			},
		}
		c.Flags().StringVar(&number, "version", "", "which version, by its number")
		return c
	}
	return []*cobra.Command{
		command("disable", "Make a version unusable until it is enabled again", func(ctx context.Context, s secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error) {
			resp, err := s.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: name})
			return resp.GetVersion(), err
		}),
		command("enable", "Make a disabled version usable again, also one that waits to be destroyed", func(ctx context.Context, s secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error) {
			resp, err := s.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: name})
			return resp.GetVersion(), err
		}),
		command("destroy", "Delete a version's value for good: now, or after the secret's --destroy-ttl", func(ctx context.Context, s secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error) {
			resp, err := s.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: name})
			return resp.GetVersion(), err
		}),
	}
}
