package cmd

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

// maxValueBytes is the largest value that secretsd takes.
const maxValueBytes = 64 << 10

func (a *app) secret() *cobra.Command {
	c := group("secret", "The team's secrets")
	c.AddCommand(a.secretSet(), a.secretGenerate(), a.secretImport(), a.secretList(), a.secretGet(), a.secretVersions())
	c.AddCommand(a.secretUpdate(), a.secretAlias(), a.secretDelete(), a.secretUndelete(), a.secretUses(), a.secretRevoke())
	c.AddCommand(a.secretGrant(), a.secretUngrant(), a.secretGrants(), a.secretRestrict(), a.secretInjection())
	c.AddCommand(a.versionCommands()...)
	return c
}

func (a *app) secretSet() *cobra.Command {
	var keepNewline, ifChanged bool
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
			return a.store(c.Context(), args[0], casemate.Value{Data: value, IfChanged: ifChanged})
		},
	}
	set.Flags().BoolVar(&keepNewline, "keep-newline", false, "keep a newline at the end of the value")
	set.Flags().BoolVar(&ifChanged, "if-changed", false, "add no version when the newest one is enabled and has this value already")
	return set
}

// store stores a value, and says as what.
func (a *app) store(ctx context.Context, name string, value casemate.Value) error {
	return a.inTeam(ctx, func(_ secretsv1.SecretsManagerClient, parent string) error {
		v, unchanged, err := a.client.StoreSecret(ctx, name, value)
		if err != nil {
			return err
		}
		a.adviseOn(name, value)
		return a.show(v, func() error {
			how := "is stored as"
			if unchanged {
				how = "is unchanged: it is"
			}
			return a.line(fmt.Sprintf("%s %s version %s of team %s", name, how, base(v.GetName()), base(parent)))
		})
	})
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
	var filter string
	var deleted bool
	list := &cobra.Command{
		Use: "list", Args: noArgs, Short: "List the team's secrets, never their values",
		Example: "  casemate secret list --filter 'name:TOKEN AND labels.env = \"prod\"'\n" +
			"  casemate secret list --filter 'expire_time < \"2027-01-01T00:00:00Z\"'",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListSecretsResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListSecrets(c.Context(), &secretsv1.ListSecretsRequest{
						Parent: parent, PageSize: 1000, PageToken: token, Filter: filter, ShowDeleted: deleted,
					})
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
	list.Flags().StringVar(&filter, "filter", "", "only what matches: comparisons of name, description, labels.KEY, latest_version, create_time, update_time, expire_time and delete_time, with AND, OR, NOT")
	list.Flags().BoolVar(&deleted, "deleted", false, "deleted secrets, too")
	return list
}

func (a *app) printSecrets(secrets ...*secretsv1.Secret) error {
	var rows [][]string
	for _, s := range secrets {
		rows = append(rows, []string{
			base(s.GetName()), dash(version(s.GetLatestVersion())), protection(s), dash(aliases(s)), age(s.GetUpdateTime()), dash(end(s)), dash(s.GetDescription()),
		})
	}
	return a.table([]string{"SECRET", "LATEST", "VALUE", "ALIASES", "UPDATED", "UNTIL", "DESCRIPTION"}, rows)
}

// aliases lists a secret's names for versions.
func aliases(s *secretsv1.Secret) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.GetVersionAliases())) {
		list = append(list, name+"="+version(s.GetVersionAliases()[name]))
	}
	return strings.Join(list, ",")
}

// end says what ends a secret, and when; empty for nothing.
func end(s *secretsv1.Secret) string {
	switch {
	case s.GetDeleteTime() != nil:
		return "deleted, erased " + moment(s.GetPurgeTime())
	case s.GetExpireTime() != nil:
		return "expires " + moment(s.GetExpireTime())
	}
	return ""
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
	f.StringVar(&number, "version", "latest", "which version to reveal: a number, latest, or an alias")
	f.StringVar(&field, "field", "", "key of a structured secret to reveal")
	return get
}

func (a *app) secretVersions() *cobra.Command {
	var filter string
	versions := &cobra.Command{
		Use: "versions NAME", Args: exactArgs(1), Short: "List a secret's versions, newest first",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListSecretVersionsResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListSecretVersions(c.Context(), &secretsv1.ListSecretVersionsRequest{
						Parent: parent + "/secrets/" + args[0], PageSize: 1000, PageToken: token, Filter: filter,
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
	versions.Flags().StringVar(&filter, "filter", "", "only what matches: comparisons of version, state, creator, size_bytes, create_time, destroy_time and scheduled_destroy_time, with AND, OR, NOT")
	return versions
}

func (a *app) printVersions(versions ...*secretsv1.SecretVersion) error {
	var rows [][]string
	for _, v := range versions {
		state := word(v.GetState(), "VERSION_STATE_")
		if v.GetScheduledDestroyTime() != nil {
			state += ", to be destroyed " + moment(v.GetScheduledDestroyTime())
		}
		rows = append(rows, []string{
			base(v.GetName()), state, humanize.IBytes(uint64(v.GetSizeBytes())), v.GetCreator(), age(v.GetCreateTime()),
		})
	}
	return a.table([]string{"VERSION", "STATE", "SIZE", "BY", "ADDED"}, rows)
}
