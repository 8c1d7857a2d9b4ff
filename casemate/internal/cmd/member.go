package cmd

import (
	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) member() *cobra.Command {
	c := group("member", "Members of a team")
	var role string
	add := &cobra.Command{
		Use: "add USER", Args: exactArgs(1), Short: "Add a user to the team",
		Long: "Add a user to the team, in a role.\n\n" + roles,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := parseRole(role)
			if err != nil {
				return err
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.CreateMember(c.Context(), &secretsv1.CreateMemberRequest{Parent: parent, UserId: args[0], Role: r})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(args[0] + " is " + role + " of team " + base(parent)) })
			})
		},
	}
	add.Flags().StringVar(&role, "role", "member", "the member's role: owner, admin, member, auditor or service")
	c.AddCommand(add, &cobra.Command{
		Use: "role USER ROLE", Args: exactArgs(2), Short: "Change a member's role: owner, admin, member, auditor or service",
		Long: "Change a member's role.\n\n" + roles,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := parseRole(args[1])
			if err != nil {
				return err
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.UpdateMember(c.Context(), &secretsv1.UpdateMemberRequest{Name: parent + "/members/" + args[0], Role: r})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(args[0] + " is " + args[1] + " of team " + base(parent)) })
			})
		},
	}, &cobra.Command{
		Use: "remove USER", Args: exactArgs(1), Short: "Remove a user from the team and revoke the user's keys there",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.DeleteMember(c.Context(), &secretsv1.DeleteMemberRequest{Name: parent + "/members/" + args[0]})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(args[0] + " is no member of team " + base(parent) + " any more") })
			})
		},
	}, &cobra.Command{
		Use: "list", Args: noArgs, Short: "List the team's members",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				all := &secretsv1.ListMembersResponse{}
				err := pages(func(token string) (string, error) {
					resp, err := secrets.ListMembers(c.Context(), &secretsv1.ListMembersRequest{Parent: parent, PageSize: 1000, PageToken: token})
					all.Members = append(all.Members, resp.GetMembers()...)
					return resp.GetNextPageToken(), err
				})
				if err != nil {
					return err
				}
				return a.show(all, func() error {
					var rows [][]string
					for _, m := range all.GetMembers() {
						rows = append(rows, []string{m.GetUserId(), word(m.GetRole(), "ROLE_"), age(m.GetCreateTime())})
					}
					return a.table([]string{"USER", "ROLE", "ADDED"}, rows)
				})
			})
		},
	})
	return c
}

// roles says what members may do, with a key of all scopes and without grants.
const roles = `  owner     everything
  admin     everything but to make owners, and to delete the team
  member    uses secrets in sandboxes, and sees which there are
  auditor   sees which secrets there are, and the audit log; uses none
  service   a program, which uses secrets in sandboxes and sees nothing`

func parseRole(text string) (secretsv1.Role, error) {
	n, err := parseEnum(secretsv1.Role_value, "ROLE_", "role", text, "owner, admin, member, auditor or service")
	return secretsv1.Role(n), err
}
