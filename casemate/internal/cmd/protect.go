package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) secretRestrict() *cobra.Command {
	var off bool
	c := &cobra.Command{
		Use: "restrict NAME", Args: exactArgs(1), Short: "Keep a secret's value for owners and for whom a grant names",
		Long: `Keep a secret's value for the team's owners and for whom a grant names: the rights of all other roles to use and to read
it do not count any more. Their rights to list, manage and audit the secret, and to add values, do. Sandboxes that are made
with it from then on can be looked into by who made them, and by owners.

--off opens it to the team again: that is for who may use and read it himself.`,
		Example: "  casemate secret restrict DB_PASSWORD && casemate secret grant DB_PASSWORD use --user bob",
		RunE: func(c *cobra.Command, args []string) error {
			return a.protect(c, args[0], &secretsv1.Secret{Restricted: !off}, "restricted")
		},
	}
	c.Flags().BoolVar(&off, "off", false, "open the secret to the team again")
	return c
}

func (a *app) secretInjection() *cobra.Command {
	var hosts []string
	var environment bool
	c := &cobra.Command{
		Use: "injection NAME", Args: exactArgs(1), Short: "Say how a secret's value may reach the code in a sandbox",
		Long: `Say how a secret's value may reach the code in a sandbox: as an environment variable, which is the default, or with --host
through a broker only, which puts it into requests to these hosts when they leave the sandbox. There is no broker yet: until
then a secret with --host is refused to every sandbox. No request for a sandbox weakens what is said here, and who weakens it
here must be one who may read the value.`,
		Example: "  casemate secret injection PAYMENT_KEY --host api.example.com",
		RunE: func(c *cobra.Command, args []string) error {
			if environment == (len(hosts) > 0) {
				return usagef("say either --environment or --host")
			}
			policy := &secretsv1.InjectionPolicy{Mode: secretsv1.InjectionMode_INJECTION_MODE_ENVIRONMENT}
			if !environment {
				policy = &secretsv1.InjectionPolicy{Mode: secretsv1.InjectionMode_INJECTION_MODE_BROKER_ONLY, Hosts: hosts}
			}
			return a.protect(c, args[0], &secretsv1.Secret{Injection: policy}, "injection")
		},
	}
	c.Flags().BoolVar(&environment, "environment", false, "as an environment variable")
	c.Flags().StringArrayVar(&hosts, "host", nil, "through a broker, to this `host`: api.example.com, or *.example.com")
	return c
}

// protect changes one field of a secret.
func (a *app) protect(c *cobra.Command, name string, changed *secretsv1.Secret, field string) error {
	return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
		changed.Name = parent + "/secrets/" + name
		resp, err := secrets.UpdateSecret(c.Context(), &secretsv1.UpdateSecretRequest{
			Secret: changed, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{field}},
		})
		if err != nil {
			return err
		}
		return a.show(resp, func() error { return a.line(name + " is " + protection(resp.GetSecret())) })
	})
}

// protection says who gets at a secret's value, and how.
func protection(s *secretsv1.Secret) string {
	who := "open to the team"
	if s.GetRestricted() {
		who = "restricted"
	}
	if hosts := s.GetInjection().GetHosts(); len(hosts) > 0 {
		return who + ", through a broker to " + strings.Join(hosts, " and ")
	}
	return who
}
