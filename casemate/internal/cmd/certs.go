package cmd

import (
	"github.com/spf13/cobra"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/mtls"
)

func (a *app) certs() *cobra.Command {
	c := group("certs", "Certificates for secretsd and sandboxd")
	var hosts []string
	var keep bool
	init := &cobra.Command{
		Use: "init DIR", Args: exactArgs(1),
		Short: "Make a local authority and a certificate for each daemon",
		Long: `Make a local authority and a certificate with a SPIFFE ID for each daemon, in DIR, which must not hold any yet.
Clients trust DIR/ca.pem. Keep DIR/ca-key.pem away from the daemons: nothing that runs needs it.`,
		RunE: func(_ *cobra.Command, args []string) error {
			err := mtls.InitCA(args[0], mtls.InitOptions{Hosts: hosts})
			if keep && errdefs.ReasonOf(err) == "CERTS_EXIST" {
				return a.line("kept the certificates in " + args[0])
			}
			if err != nil {
				return err
			}
			return a.line("wrote an authority, and certificates for secretsd and sandboxd, to " + args[0])
		},
	}
	init.Flags().StringSliceVar(&hosts, "host", nil, "further DNS `name` or IP address that clients use for the daemons (localhost is in)")
	init.Flags().BoolVar(&keep, "keep", false, "when DIR holds certificates already, keep them and succeed")
	c.AddCommand(init)
	return c
}
