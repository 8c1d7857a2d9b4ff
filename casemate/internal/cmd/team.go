package cmd

import (
	"context"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) team() *cobra.Command {
	c := group("team", "Teams")
	c.AddCommand(a.teamRotateKey(), a.teamKeyStatus(), a.teamUpdate(), a.teamDelete())
	c.AddCommand(&cobra.Command{
		Use: "create NAME", Args: exactArgs(1), Short: "Make a team and become its owner (operators only)",
		RunE: func(c *cobra.Command, args []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			resp, err := secrets.CreateTeam(c.Context(), &secretsv1.CreateTeamRequest{TeamId: args[0]})
			if err != nil {
				return err
			}
			return a.show(resp, func() error { return a.line("team " + base(resp.GetTeam().GetName()) + " is made; you are its owner") })
		},
	}, &cobra.Command{
		Use: "list", Args: noArgs, Short: "List your teams; an operator sees all",
		RunE: func(c *cobra.Command, _ []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			all := &secretsv1.ListTeamsResponse{}
			err = pages(func(token string) (string, error) {
				resp, err := secrets.ListTeams(c.Context(), &secretsv1.ListTeamsRequest{PageSize: 1000, PageToken: token})
				all.Teams = append(all.Teams, resp.GetTeams()...)
				return resp.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return a.show(all, func() error {
				var rows [][]string
				for _, t := range all.GetTeams() {
					rows = append(rows, []string{base(t.GetName()), age(t.GetCreateTime()), maskedWord(t)})
				}
				return a.table([]string{"TEAM", "CREATED", "OUTPUT"}, rows)
			})
		},
	})
	return c
}

// pages asks for page after page until there is none.
func pages(next func(token string) (string, error)) error {
	for token := ""; ; {
		var err error
		if token, err = next(token); err != nil || token == "" {
			return err
		}
	}
}

// inTeam runs fn with a client and the team: --team, CASEMATE_TEAM, the file's, else the key's own.
func (a *app) inTeam(ctx context.Context, fn func(secrets secretsv1.SecretsManagerClient, parent string) error) error {
	client, err := a.connect()
	if err != nil {
		return err
	}
	parent, err := client.Team(ctx)
	if err != nil {
		return err
	}
	return fn(client.Secrets(), parent)
}
