package cmd

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// maxValueBytes is the largest value that secretsd takes.
const maxValueBytes = 64 << 10

func (a *app) secret() *cobra.Command {
	c := group("secret", "The team's secrets")
	c.AddCommand(a.secretSet(), a.secretImport(), a.secretList(), a.secretGet(), a.secretVersions(), a.secretUses(), a.secretRevoke(), a.secretDelete())
	c.AddCommand(a.secretGrant(), a.secretUngrant(), a.secretGrants(), a.secretRestrict(), a.secretInjection())
	c.AddCommand(a.versionCommands()...)
	return c
}

func (a *app) secretSet() *cobra.Command {
	var keepNewline bool
	set := &cobra.Command{
		Use: "set NAME", Args: exactArgs(1), Short: "Store a value: a new secret, or a new version of one",
		Long: `Store a value: a new secret, or a new version of one. The value is read from standard input, or asked for without
showing it: never given as an argument, where every process of the machine could read it. One newline at the end of
piped input is left out, since echo and editors add it; --keep-newline keeps it.`,
		Example: "  casemate secret set HF_TOKEN < token.txt",
		RunE: func(c *cobra.Command, args []string) error {
			value, err := a.readHidden(a.In, "value of "+args[0])
			if err != nil {
				return fmt.Errorf("reading the value: %w", err)
			}
			if !keepNewline {
				value = bytes.TrimSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("\r"))
			}
			if err := checkValue(args[0], value); err != nil {
				return err
			}
			return a.inTeam(c.Context(), func(_ secretsv1.SecretsManagerClient, parent string) error {
				v, err := a.client.SetSecret(c.Context(), args[0], value)
				if err != nil {
					return err
				}
				return a.show(v, func() error {
					return a.line(fmt.Sprintf("%s is stored as version %s of team %s", args[0], base(v.GetName()), base(parent)))
				})
			})
		},
	}
	set.Flags().BoolVar(&keepNewline, "keep-newline", false, "keep a newline at the end of the value")
	return set
}

// checkValue refuses what secretsd would, before anything is sent.
func checkValue(name string, value []byte) error {
	switch {
	case len(value) == 0:
		return usagef("the value of %s is empty", name)
	case len(value) > maxValueBytes:
		return usagef("the value of %s is larger than 64 KiB", name)
	}
	return nil
}

func (a *app) secretList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: noArgs, Short: "List the team's secrets, never their values",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListSecretsResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListSecrets(c.Context(), &secretsv1.ListSecretsRequest{Parent: parent, PageSize: 1000, PageToken: token})
					all.Secrets = append(all.Secrets, resp.GetSecrets()...)
					return resp.GetNextPageToken(), err
				})
				if err != nil {
					return err
				}
				return a.show(all, func() error { return a.printSecrets(all.GetSecrets()...) })
			})
		},
	}
}

func (a *app) printSecrets(secrets ...*secretsv1.Secret) error {
	var rows [][]string
	for _, s := range secrets {
		rows = append(rows, []string{base(s.GetName()), dash(version(s.GetLatestVersion())), protection(s), age(s.GetUpdateTime()), dash(s.GetDescription())})
	}
	return a.table([]string{"SECRET", "LATEST", "VALUE", "UPDATED", "DESCRIPTION"}, rows)
}

func version(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (a *app) secretGet() *cobra.Command {
	var reveal bool
	var number, field string
	get := &cobra.Command{
		Use: "get NAME", Args: exactArgs(1), Short: "Show a secret; with --reveal, its value",
		Long: `Show what is known of a secret. With --reveal, write its value to standard output, as it is and with nothing added:
that needs a key with the read scope and the role to read, and is audited.`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				name := parent + "/secrets/" + args[0]
				if !reveal {
					resp, err := secrets.GetSecret(c.Context(), &secretsv1.GetSecretRequest{Name: name})
					if err != nil {
						return err
					}
					return a.show(resp, func() error { return a.printSecrets(resp.GetSecret()) })
				}
				resp, err := secrets.AccessSecretVersion(c.Context(), &secretsv1.AccessSecretVersionRequest{Name: name + "/versions/" + number, Field: field})
				if err != nil {
					return err
				}
				return a.show(resp, func() error {
					_, err := a.Out.Write(resp.GetData())
					return err
				})
			})
		},
	}
	f := get.Flags()
	f.BoolVar(&reveal, "reveal", false, "write the value")
	f.StringVar(&number, "version", "latest", "which version to reveal")
	f.StringVar(&field, "field", "", "key of a structured secret to reveal")
	return get
}

func (a *app) secretVersions() *cobra.Command {
	return &cobra.Command{
		Use: "versions NAME", Args: exactArgs(1), Short: "List a secret's versions, newest first",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListSecretVersionsResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListSecretVersions(c.Context(), &secretsv1.ListSecretVersionsRequest{
						Parent: parent + "/secrets/" + args[0], PageSize: 1000, PageToken: token,
					})
					all.Versions = append(all.Versions, resp.GetVersions()...)
					return resp.GetNextPageToken(), err
				})
				if err != nil {
					return err
				}
				return a.show(all, func() error { return a.printVersions(all.GetVersions()...) })
			})
		},
	}
}

func (a *app) printVersions(versions ...*secretsv1.SecretVersion) error {
	var rows [][]string
	for _, v := range versions {
		rows = append(rows, []string{
			base(v.GetName()), word(v.GetState(), "VERSION_STATE_"), humanize.IBytes(uint64(v.GetSizeBytes())), v.GetCreator(), age(v.GetCreateTime()),
		})
	}
	return a.table([]string{"VERSION", "STATE", "SIZE", "BY", "ADDED"}, rows)
}

// versionCommands are disable, enable and destroy: one shape, three rpcs.
func (a *app) versionCommands() []*cobra.Command {
	type call func(ctx context.Context, secrets secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error)
	command := func(verb, short string, do call) *cobra.Command {
		var number string
		c := &cobra.Command{
			Use: verb + " NAME", Args: exactArgs(1), Short: short,
			RunE: func(c *cobra.Command, args []string) error {
				return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
					v, err := do(c.Context(), secrets, parent+"/secrets/"+args[0]+"/versions/"+number)
					if err != nil {
						return err
					}
					return a.show(v, func() error { return a.printVersions(v) })
				})
			},
		}
		c.Flags().StringVar(&number, "version", "latest", "which version")
		return c
	}
	return []*cobra.Command{
		command("disable", "Make a version unusable until it is enabled again", func(ctx context.Context, s secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error) {
			resp, err := s.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: name})
			return resp.GetVersion(), err
		}),
		command("enable", "Make a disabled version usable again", func(ctx context.Context, s secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error) {
			resp, err := s.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: name})
			return resp.GetVersion(), err
		}),
		command("destroy", "Delete a version's value for good", func(ctx context.Context, s secretsv1.SecretsManagerClient, name string) (*secretsv1.SecretVersion, error) {
			resp, err := s.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: name})
			return resp.GetVersion(), err
		}),
	}
}

func (a *app) secretDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME", Args: exactArgs(1), Short: "Remove a secret and all its versions, for good",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.DeleteSecret(c.Context(), &secretsv1.DeleteSecretRequest{Name: parent + "/secrets/" + args[0]})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line("secret " + args[0] + " is deleted") })
			})
		},
	}
}
