package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) key() *cobra.Command {
	c := group("key", "API keys")
	c.AddCommand(a.keyCreate(), a.keyList(), &cobra.Command{
		Use: "revoke KEY", Args: exactArgs(1), Short: "Make a key invalid at once, for good, by its id",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.RevokeAPIKey(c.Context(), &secretsv1.RevokeAPIKeyRequest{Name: parent + "/apiKeys/" + base(args[0])})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line("key " + base(resp.GetApiKey().GetName()) + " is revoked") })
			})
		},
	})
	return c
}

func (a *app) keyCreate() *cobra.Command {
	var scopes []string
	var user, description string
	var ttl time.Duration
	create := &cobra.Command{
		Use: "create", Args: noArgs, Short: "Make an API key and show it, this once",
		Long: `Make an API key and show it, this once. Without --scope it may run sandboxes and use secrets in them, and neither read
nor manage any: the key to give to SDK users and programs.`,
		RunE: func(c *cobra.Command, _ []string) error {
			req := &secretsv1.CreateAPIKeyRequest{UserId: user, Description: description, TtlSeconds: int64(ttl / time.Second)}
			for _, s := range scopes {
				n, ok := secretsv1.KeyScope_value["KEY_SCOPE_"+strings.ToUpper(s)]
				if !ok || n == 0 {
					return usagef("scope %q: want run, manage or read", s)
				}
				req.Scopes = append(req.Scopes, secretsv1.KeyScope(n))
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				req.Parent = parent
				resp, err := secrets.CreateAPIKey(c.Context(), req)
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(resp.GetKey()) })
			})
		},
	}
	f := create.Flags()
	f.StringSliceVar(&scopes, "scope", nil, "run, manage or read; may be repeated (default run)")
	f.StringVar(&user, "user", "", "the member that the key stands for (default: you)")
	f.StringVar(&description, "description", "", "a note for people")
	f.DurationVar(&ttl, "ttl", 0, "how long it is valid, such as 720h (default: until it is revoked)")
	return create
}

func (a *app) keyList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: noArgs, Short: "List the team's keys (admins) or your own; never shows a key",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListAPIKeysResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListAPIKeys(c.Context(), &secretsv1.ListAPIKeysRequest{Parent: parent, PageSize: 1000, PageToken: token})
					all.ApiKeys = append(all.ApiKeys, resp.GetApiKeys()...)
					return resp.GetNextPageToken(), err
				})
				if err != nil {
					return err
				}
				return a.show(all, func() error { return a.printKeys(all.GetApiKeys()) })
			})
		},
	}
}

func (a *app) printKeys(keys []*secretsv1.APIKey) error {
	var rows [][]string
	for _, k := range keys {
		state := "valid"
		switch {
		case k.GetRevokeTime() != nil:
			state = "revoked"
		case k.GetExpireTime() != nil && k.GetExpireTime().AsTime().Before(time.Now()):
			state = "expired"
		}
		rows = append(rows, []string{base(k.GetName()), k.GetUserId(), scopeWords(k.GetScopes()), state, age(k.GetCreateTime()), dash(k.GetDescription())})
	}
	return a.table([]string{"KEY", "USER", "SCOPES", "STATE", "CREATED", "DESCRIPTION"}, rows)
}
