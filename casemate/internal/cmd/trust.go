package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) trust() *cobra.Command {
	c := group("trust", "OIDC tokens that stand for a member")
	c.AddCommand(a.trustCreate(), a.trustList(), &cobra.Command{
		Use: "delete TRUST", Args: exactArgs(1), Short: "End a trust, and revoke the keys that were exchanged under it",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.DeleteOIDCTrust(c.Context(), &secretsv1.DeleteOIDCTrustRequest{Name: parent + "/oidcTrusts/" + base(args[0])})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line("trust " + base(args[0]) + " is deleted") })
			})
		},
	})
	return c
}

func (a *app) trustCreate() *cobra.Command {
	t := &secretsv1.OIDCTrust{}
	var scopes, claims []string
	var maxTTL time.Duration
	create := &cobra.Command{
		Use: "create TRUST", Args: exactArgs(1), Short: "Let tokens of an OIDC issuer stand for a member",
		Long: `Let tokens of an OIDC issuer stand for a member of the team: whoever holds one that meets the conditions can exchange it for an
API key that lives for an hour at most (casemate key exchange), and needs no stored key at all.

In --subject and --claim, * stands for any characters but / and :, and ** for any at all. A claim within another is named by
its path, as kubernetes.io/serviceaccount/name. The audience is to be one that only this secretsd goes by: whoever else takes
the same tokens could use them here.`,
		Example: `  casemate trust create app --issuer https://token.actions.githubusercontent.com --audience https://secrets.example \
    --subject 'repo:octo-org/app:ref:refs/heads/main' --claim repository=octo-org/app --user ci
  casemate trust create train --issuer https://kubernetes.example --audience https://secrets.example \
    --subject system:serviceaccount:ml:train --user train --reusable`,
		RunE: func(c *cobra.Command, args []string) error {
			for _, s := range scopes {
				n, ok := secretsv1.KeyScope_value["KEY_SCOPE_"+strings.ToUpper(s)]
				if !ok || n == 0 {
					return usagef("scope %q: want run, manage or read", s)
				}
				t.Scopes = append(t.Scopes, secretsv1.KeyScope(n))
			}
			for _, claim := range claims {
				name, pattern, ok := strings.Cut(claim, "=")
				if !ok {
					return usagef("claim %q: want NAME=PATTERN", claim)
				}
				t.Claims = append(t.Claims, &secretsv1.ClaimCondition{Claim: name, Pattern: pattern})
			}
			t.MaxTtlSeconds = int64(maxTTL / time.Second)
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.CreateOIDCTrust(c.Context(), &secretsv1.CreateOIDCTrustRequest{Parent: parent, TrustId: args[0], Trust: t})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(resp.GetTrust().GetName()) })
			})
		},
	}
	f := create.Flags()
	f.StringVar(&t.Issuer, "issuer", "", "the token's issuer, exactly; one that the operator allows (required)")
	f.StringVar(&t.Audience, "audience", "", "the token's audience, exactly and its only one (required)")
	f.StringVar(&t.Subject, "subject", "", "what the token's subject must be (required)")
	f.StringArrayVar(&claims, "claim", nil, "what another claim must be, as NAME=PATTERN; may be repeated")
	f.StringVar(&t.UserId, "user", "", "the member that the tokens stand for (required)")
	f.StringSliceVar(&scopes, "scope", nil, "run, manage or read; may be repeated (default run)")
	f.DurationVar(&maxTTL, "max-ttl", 0, "the longest that a key lives, from 1m to 1h (default 1h)")
	f.BoolVar(&t.ReusableTokens, "reusable", false, "a token can be exchanged more than once: for pods, which keep one through restarts")
	f.StringVar(&t.Description, "description", "", "a note for people")
	for _, name := range []string{"issuer", "audience", "subject", "user"} {
		_ = create.MarkFlagRequired(name) // it is one of those above
	}
	return create
}

func (a *app) trustList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: noArgs, Short: "List the team's trusts",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListOIDCTrustsResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListOIDCTrusts(c.Context(), &secretsv1.ListOIDCTrustsRequest{Parent: parent, PageSize: 1000, PageToken: token})
					all.Trusts = append(all.Trusts, resp.GetTrusts()...)
					return resp.GetNextPageToken(), err
				})
				if err != nil {
					return err
				}
				return a.show(all, func() error { return a.printTrusts(all.GetTrusts()) })
			})
		},
	}
}

func (a *app) printTrusts(trusts []*secretsv1.OIDCTrust) error {
	var rows [][]string
	for _, t := range trusts {
		var claims []string
		for _, c := range t.GetClaims() {
			claims = append(claims, c.GetClaim()+"="+c.GetPattern())
		}
		rows = append(rows, []string{
			base(t.GetName()), t.GetUserId(), scopeWords(t.GetScopes()), t.GetIssuer(), t.GetSubject(), dash(strings.Join(claims, " ")),
			(time.Duration(t.GetMaxTtlSeconds()) * time.Second).String(), dash(t.GetDescription()),
		})
	}
	return a.table([]string{"TRUST", "USER", "SCOPES", "ISSUER", "SUBJECT", "CLAIMS", "MAX TTL", "DESCRIPTION"}, rows)
}
