package cmd

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

func twoOrThree(c *cobra.Command, args []string) error {
	if len(args) != 2 && len(args) != 3 {
		return usagef("%s takes 2 or 3 arguments, not %d: %s", c.CommandPath(), len(args), c.UseLine())
	}
	return nil
}

func (a *app) secretAlias() *cobra.Command {
	var remove bool
	alias := &cobra.Command{
		Use: "alias NAME ALIAS [VERSION]", Args: twoOrThree, Short: "Give a version a name, such as stable, to refer to it by",
		Long: `Give a version a name, such as stable, that stands for its number wherever a version is named: in a sandbox
(run --secret NAME@stable), and in get --version. A name that there is moves. --remove takes it away.`,
		Example: "  casemate secret alias HF_TOKEN stable 3\n  casemate run --secret HF_TOKEN@stable python:3.11 -- env",
		RunE: func(c *cobra.Command, args []string) error {
			if remove != (len(args) == 2) {
				return usagef("give a version, or --remove: %s", c.UseLine())
			}
			var number int64
			if !remove {
				var err error
				if number, err = strconv.ParseInt(args[2], 10, 64); err != nil || number < 1 {
					return usagef("version %q: want its number", args[2])
				}
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				s, err := setAlias(c.Context(), secrets, parent+"/secrets/"+args[0], args[1], number)
				if err != nil {
					return err
				}
				return a.show(s, func() error { return a.printSecrets(s) })
			})
		},
	}
	alias.Flags().BoolVar(&remove, "remove", false, "take the name away")
	return alias
}

// setAlias changes one of a secret's aliases and leaves the others; 0 takes it away. When somebody else changes the secret
// meanwhile it looks again.
func setAlias(
	ctx context.Context, secrets secretsv1.SecretsManagerClient, name, alias string, number int64,
) (*secretsv1.Secret, error) {
	for {
		got, err := secrets.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: name})
		if err != nil {
			return nil, err
		}
		aliases := got.GetSecret().GetVersionAliases()
		if aliases == nil {
			aliases = map[string]int64{}
		}
		if _, found := aliases[alias]; number == 0 && !found {
			return nil, errdefs.New(errdefs.NotFound, "ALIAS_NOT_FOUND", "secret %s has no version alias %s", base(name), alias)
		}
		if aliases[alias] = number; number == 0 {
			delete(aliases, alias)
		}
		resp, err := secrets.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{
			Secret:     &secretsv1.Secret{Name: name, VersionAliases: aliases, Etag: got.GetSecret().GetEtag()},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"version_aliases"}},
		})
		if errdefs.ReasonOf(err) == "ETAG_MISMATCH" {
			continue
		}
		return resp.GetSecret(), err
	}
}
