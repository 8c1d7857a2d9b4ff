package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// maxOverlap is the longest that secretsd lets a key go on beside its successor.
const maxOverlap = 720 * time.Hour

func (a *app) keyRotate() *cobra.Command {
	var overlap time.Duration
	rotate := &cobra.Command{
		Use: "rotate [KEY]", Args: atMostOneArg, Short: "Replace a key, by its id, or the one in use; show the new one, this once",
		Long: `Replace a key, by its id, or the one that this command is run with, and show the new one, this once. It has the same user,
teams, scopes, description and expiry. The old key goes on for --overlap, so that whoever holds it can change over; without
one it stops at once.

Every key may replace itself. A key has one successor, ever: if there is one that you did not make, somebody else has the key.`,
		Example: "  casemate key rotate --overlap 1h > new.key\n  casemate --team vision key rotate 31ulVSwSQqKuwYGZ",
		RunE: func(c *cobra.Command, args []string) error {
			if overlap < 0 || overlap > maxOverlap {
				return usagef("--overlap %v: want a time up to 720h", overlap)
			}
			req := &secretsv1.RotateAPIKeyRequest{OverlapSeconds: int64(overlap / time.Second)}
			send := func(secrets secretsv1.SecretsManagerClient) error {
				resp, err := secrets.RotateAPIKey(c.Context(), req)
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(resp.GetKey()) })
			}
			if len(args) == 0 {
				secrets, err := a.secrets()
				if err != nil {
					return err
				}
				return send(secrets)
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				req.Name = parent + "/apiKeys/" + base(args[0])
				return send(secrets)
			})
		},
	}
	rotate.Flags().DurationVar(&overlap, "overlap", 0, "how long the old key goes on, such as 1h, at most 720h (default: not at all)")
	return rotate
}

// maxTokenFileBytes is more than the longest token.
const maxTokenFileBytes = 32 << 10

func (a *app) keyExchange() *cobra.Command {
	var trust, file string
	var ttl time.Duration
	exchange := &cobra.Command{
		Use: "exchange --trust TRUST --token-file FILE", Args: noArgs, Short: "Get a short-lived key for an OIDC token, and show it, this once",
		Long: `Get a short-lived key for a token of an OIDC issuer, such as that of a Kubernetes service account or a GitHub Actions job, and
show it, this once. No key is needed for it. The trust is one of the team's (see casemate trust); it says whom the token
stands for.`,
		Example: `  export CASEMATE_API_KEY=$(casemate --team ml key exchange --trust train --token-file /var/run/secrets/casemate/token)`,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case trust == "" || file == "":
				return usagef("--trust and --token-file are required")
			case strings.Contains(trust, "/"): // its whole name
			case a.settings.Team == "":
				return usagef("say whose trust %s is, with --team", trust)
			default:
				trust = "teams/" + a.settings.Team + "/oidcTrusts/" + trust
			}
			token, err := a.readAtMost(file, maxTokenFileBytes)
			if err != nil {
				return fmt.Errorf("token: %w", err)
			}
			conn, err := client.Dial(client.Options{Address: a.settings.Secretsd, CAFile: a.settings.CAFile, NoRetry: true})
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }() // the answer is there by then
			resp, err := secretsv1.NewSecretsManagerClient(conn).ExchangeToken(c.Context(), &secretsv1.ExchangeTokenRequest{
				Name: trust, Token: strings.TrimSpace(string(token)), TtlSeconds: int64(ttl / time.Second),
			})
			if err != nil {
				return errgrpc.FromError(err)
			}
			return a.show(resp, func() error { return a.line(resp.GetKey()) })
		},
	}
	f := exchange.Flags()
	f.StringVar(&trust, "trust", "", "the trust, by its id in --team or by its whole name")
	f.StringVar(&file, "token-file", "", "file with the token; - for standard input")
	f.DurationVar(&ttl, "ttl", 0, "how long the key is to live, such as 10m (default: as long as the trust allows)")
	return exchange
}
