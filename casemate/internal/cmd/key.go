package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
)

func (a *app) key() *cobra.Command {
	c := group("key", "API keys")
	c.AddCommand(a.keyCreate(), a.keyList(), a.keyRotate(), a.keyExchange(), &cobra.Command{
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
	var scopes, withKeys []string
	var user, description string
	var ttl time.Duration
	create := &cobra.Command{
		Use: "create", Args: noArgs, Short: "Make an API key and show it, this once",
		Long: `Make an API key and show it, this once. Without --scope it may run sandboxes and use secrets in them, and neither read
nor manage any: the key to give to SDK users and programs.

A key acts in one team. With --with-key-file it acts in the teams of other keys of yours too: name a file with one key for
each of those teams, one a line (- for standard input). Each needs the manage scope and all scopes of the new key, which
expires with the first of them. The SDK chooses among the teams with WANDB_ENTITY, casemate with --team.`,
		Example: "  casemate --team vision key create --with-key-file speech.key > both.key",
		RunE: func(c *cobra.Command, _ []string) error {
			req := &secretsv1.CreateAPIKeyRequest{UserId: user, Description: description, TtlSeconds: int64(ttl / time.Second)}
			for _, s := range scopes {
				n, ok := secretsv1.KeyScope_value["KEY_SCOPE_"+strings.ToUpper(s)]
				if !ok || n == 0 {
					return usagef("scope %q: want run, manage or read", s)
				}
				req.Scopes = append(req.Scopes, secretsv1.KeyScope(n))
			}
			var err error
			if req.OtherKeys, err = a.readKeys(withKeys); err != nil {
				return err
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
	f.StringArrayVar(&withKeys, "with-key-file", nil, "file with your keys of other teams, for a key that acts in those too; may be repeated")
	f.DurationVar(&ttl, "ttl", 0, "how long it is valid, such as 720h (default: until it is revoked)")
	return create
}

// maxKeyFileBytes bounds a file of keys: larger ones are something else.
const maxKeyFileBytes = 1 << 20

// readKeys reads the API keys in files, one a line; "-" is standard input. Empty lines count for nothing. Errors name the
// line, never what is on it.
func (a *app) readKeys(paths []string) (keys []string, err error) {
	for _, path := range paths {
		text, err := a.readAtMost(path, maxKeyFileBytes)
		if err != nil {
			return nil, err
		}
		before := len(keys)
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if _, err := apikey.Parse(line); err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", path, number, err)
			}
			keys = append(keys, line)
		}
		if len(keys) == before {
			return nil, usagef("%s holds no API key", path)
		}
	}
	return keys, nil
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

// lastUse says when a key was used last. That is known to the minute, rounded down, which may be before the key was made.
func lastUse(k *secretsv1.APIKey) string {
	if use, made := k.GetLastUseTime(), k.GetCreateTime(); use != nil && use.AsTime().Before(made.AsTime()) {
		return age(made)
	}
	return age(k.GetLastUseTime())
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
		var teams []string
		for _, t := range k.GetTeams() {
			teams = append(teams, base(t))
		}
		rows = append(rows, []string{
			base(k.GetName()), k.GetUserId(), scopeWords(k.GetScopes()), state, strings.Join(teams, ","),
			age(k.GetCreateTime()), lastUse(k), dash(k.GetDescription()),
		})
	}
	return a.table([]string{"KEY", "USER", "SCOPES", "STATE", "TEAMS", "CREATED", "LAST USE", "DESCRIPTION"}, rows)
}
