package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// principal is whom a grant is for, as --user or --role.
type principal struct{ user, role string }

func (p *principal) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.user, "user", "", "a member")
	c.Flags().StringVar(&p.role, "role", "", "all members of a role: admin, member, auditor or service")
	c.MarkFlagsMutuallyExclusive("user", "role")
}

// of says whether a grant is for the principal.
func (p *principal) of(g *secretsv1.SecretGrant) bool {
	return p.user != "" && g.GetUserId() == p.user || p.role != "" && word(g.GetRole(), "ROLE_") == p.role
}

func (a *app) secretGrant() *cobra.Command {
	var (
		who        principal
		conditions secretsv1.GrantConditions
		networks   []string
		expires    time.Duration
	)
	c := &cobra.Command{
		Use: "grant NAME RIGHT...", Short: "Let a member, or a role, do more with one secret",
		Long: `Let a member, or the members of a role, do more with one secret than their role lets them. The rights are list, manage,
add, use (in sandboxes), access (read the value) and audit. You give only rights that you hold
yourself.

A grant can be for some requests only: with --image, --network and --workload for sandboxes of that kind (the right use
alone), with --from for calls from a network, with --expires for some time. Of an option that is given several times, one
must hold; all options must. A grant is not changed: remove it with "casemate secret ungrant", and make another.

A grant to a member by name counts for keys that an owner made for the member, and for those that the member made with such
a key; not for those that an admin made.`,
		Example: `  casemate secret grant DB_PASSWORD use --user bob
  casemate secret grant DB_PASSWORD use --role service --image registry.example.com/team/app:* --network none
  casemate secret grant DB_PASSWORD access --user carol --from 10.1.0.0/16 --expires 8h`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%s takes a secret and what to grant: %s", c.CommandPath(), c.UseLine())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			g, err := newGrant(who, args[1:])
			if err != nil {
				return err
			}
			for _, n := range networks {
				mode, err := parseEnum(secretsv1.SandboxNetwork_value, "SANDBOX_NETWORK_", "network", n, "none, restricted or internet")
				if err != nil {
					return err
				}
				conditions.Networks = append(conditions.Networks, secretsv1.SandboxNetwork(mode))
			}
			g.Conditions = &conditions
			if expires < 0 {
				return usagef("--expires %v: want a time from now, such as 8h", expires)
			}
			if expires > 0 {
				g.ExpireTime = timestamppb.New(time.Now().Add(expires))
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.CreateSecretGrant(c.Context(), &secretsv1.CreateSecretGrantRequest{Parent: parent + "/secrets/" + args[0], Grant: g})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.printGrants(resp.GetGrant()) })
			})
		},
	}
	who.flags(c)
	f := c.Flags()
	f.StringArrayVar(&conditions.Images, "image", nil, "in sandboxes of this `image`: python:3.11, python@sha256:…, python:*, or registry.example.com/team/*")
	f.StringArrayVar(&networks, "network", nil, "in sandboxes with this `network`: none, restricted (a list of destinations) or internet")
	f.StringArrayVar(&conditions.Workloads, "workload", nil, "through the sandboxd with this `SPIFFE ID`")
	f.StringArrayVar(&conditions.Sources, "from", nil, "for calls from this `network`, such as 10.1.0.0/16")
	f.DurationVar(&expires, "expires", 0, "for this long, such as 8h")
	return c
}

func newGrant(who principal, rights []string) (*secretsv1.SecretGrant, error) {
	g := &secretsv1.SecretGrant{}
	switch {
	case who.user != "":
		g.Principal = &secretsv1.SecretGrant_UserId{UserId: who.user}
	case who.role != "":
		role, err := parseRole(who.role)
		if err != nil {
			return nil, err
		}
		if role == secretsv1.Role_ROLE_OWNER {
			return nil, usagef("owners need no grant: they have every right; want admin, member, auditor or service")
		}
		g.Principal = &secretsv1.SecretGrant_Role{Role: role}
	default:
		return nil, usagef("say whom the grant is for, with --user or --role")
	}
	for _, r := range rights {
		right, err := parseEnum(secretsv1.SecretRight_value, "SECRET_RIGHT_", "right", r, "list, manage, add, use, access or audit")
		if err != nil {
			return nil, err
		}
		g.Rights = append(g.Rights, secretsv1.SecretRight(right))
	}
	return g, nil
}

// parseEnum reads a value of an enum as people say it.
func parseEnum(values map[string]int32, prefix, what, text, want string) (int32, error) {
	if n, ok := values[prefix+strings.ToUpper(text)]; ok && n != 0 {
		return n, nil
	}
	return 0, usagef("%s %q: want %s", what, text, want)
}

func (a *app) secretGrants() *cobra.Command {
	return &cobra.Command{
		Use: "grants NAME", Args: exactArgs(1), Short: "List a secret's grants: who may do more with it than their role says",
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.ListSecretGrants(c.Context(), &secretsv1.ListSecretGrantsRequest{Parent: parent + "/secrets/" + args[0]})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.printGrants(resp.GetGrants()...) })
			})
		},
	}
}

func (a *app) printGrants(grants ...*secretsv1.SecretGrant) error {
	var rows [][]string
	for _, g := range grants {
		who := "role " + word(g.GetRole(), "ROLE_")
		if g.GetUserId() != "" {
			who = g.GetUserId()
		}
		var rights []string
		for _, r := range g.GetRights() {
			rights = append(rights, word(r, "SECRET_RIGHT_"))
		}
		rows = append(rows, []string{base(g.GetName()), who, strings.Join(rights, ","), dash(conditionText(g.GetConditions())), moment(g.GetExpireTime()), g.GetCreator()})
	}
	return a.table([]string{"GRANT", "FOR", "RIGHTS", "IF", "UNTIL", "BY"}, rows)
}

func conditionText(c *secretsv1.GrantConditions) string {
	var parts []string
	add := func(what string, list []string) {
		if len(list) > 0 {
			parts = append(parts, what+" "+strings.Join(list, " or "))
		}
	}
	var networks []string
	for _, n := range c.GetNetworks() {
		networks = append(networks, word(n, "SANDBOX_NETWORK_"))
	}
	add("image", c.GetImages())
	add("network", networks)
	add("workload", c.GetWorkloads())
	add("from", c.GetSources())
	return strings.Join(parts, ", ")
}

func (a *app) secretUngrant() *cobra.Command {
	var who principal
	c := &cobra.Command{
		Use: "ungrant NAME [GRANT...]", Short: "Take grants of a secret away: some, or all of a member's or a role's",
		Example: "  casemate secret ungrant DB_PASSWORD --user bob",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 1 && who == (principal{}) || len(args) > 1 && who != (principal{}) {
				return usagef("%s takes a secret, and either grants or one of --user and --role: %s", c.CommandPath(), c.UseLine())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				name, ids := parent+"/secrets/"+args[0], args[1:]
				if len(ids) == 0 {
					list, err := secrets.ListSecretGrants(c.Context(), &secretsv1.ListSecretGrantsRequest{Parent: name})
					if err != nil {
						return err
					}
					for _, g := range list.GetGrants() {
						if who.of(g) {
							ids = append(ids, base(g.GetName()))
						}
					}
					if len(ids) == 0 {
						return a.show(&secretsv1.DeleteSecretGrantResponse{}, func() error { return a.line("there are no such grants of " + args[0]) })
					}
				}
				for _, id := range ids {
					resp, err := secrets.DeleteSecretGrant(c.Context(), &secretsv1.DeleteSecretGrantRequest{Name: name + "/grants/" + id})
					if err != nil {
						return err
					}
					if err := a.show(resp, func() error { return a.line("grant " + id + " is taken away") }); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	who.flags(c)
	return c
}

func (a *app) access() *cobra.Command {
	c := group("access", "What this key may do")
	var actions []string
	check := &cobra.Command{
		Use: "check [SECRET]", Short: "Say what this key may do in the team, or with a secret",
		Long: `Say what this key may do in the team, or with a secret: by the same function that decides when it is done. "If" means that
a grant allows it to another call: from another network, or for a sandbox of some image or network. With --action, only
these are shown, and the exit code is 1 unless this call may do all of them.

Of a secret that does not exist it says what the role may do with any.`,
		Example: "  casemate access check DB_PASSWORD --action version.use",
		Args:    atMostOneArg,
		RunE: func(c *cobra.Command, args []string) error {
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				if len(args) == 1 {
					parent += "/secrets/" + args[0]
				}
				resp, err := secrets.TestPermissions(c.Context(), &secretsv1.TestPermissionsRequest{Resource: parent, Permissions: actions})
				if err != nil {
					return err
				}
				if err := a.show(resp, func() error { return a.printPermissions(resp, actions) }); err != nil {
					return err
				}
				if len(resp.GetPermissions()) < len(actions) {
					return exitCodeError(exitError)
				}
				return nil
			})
		},
	}
	check.Flags().StringSliceVar(&actions, "action", nil, "an `action`, such as version.use, version.access, secret.manage, member.manage; all, unless given")
	c.AddCommand(check)
	return c
}

// printPermissions shows what is allowed; of the actions that were asked for also what is not.
func (a *app) printPermissions(resp *secretsv1.TestPermissionsResponse, asked []string) error {
	var rows [][]string
	for _, p := range resp.GetPermissions() {
		rows = append(rows, []string{p, "yes"})
	}
	for _, p := range resp.GetConditionalPermissions() {
		rows = append(rows, []string{p, "if"})
	}
	for _, p := range asked {
		if !slices.Contains(resp.GetPermissions(), p) && !slices.Contains(resp.GetConditionalPermissions(), p) {
			rows = append(rows, []string{p, "no"})
		}
	}
	return a.table([]string{"ACTION", "ALLOWED"}, rows)
}
