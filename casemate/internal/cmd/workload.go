package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) workload() *cobra.Command {
	c := group("workload", "The sandboxds that secretsd releases values to (operators only)")
	c.AddCommand(a.workloadEnd())
	return c
}

func (a *app) workloadEnd() *cobra.Command {
	return &cobra.Command{
		Use: "end SPIFFE_ID [INSTANCE]", Args: oneOrTwoArgs, Short: "Say that a sandboxd is gone for good, with all its sandboxes",
		Long: `Say that a sandboxd is gone for good, with all its sandboxes: its machine or its state directory is lost, so that nobody else can
report them as ended. "casemate secret uses NAME -o json" shows, of each sandbox, the workload and its workloadInstance. Without
INSTANCE, the sandboxes of no instance are meant, which a sandboxd of an older version made.

Make sure of it first: a sandbox that still runs keeps its values, and no revocation reaches it any more.`,
		Example: "  casemate workload end spiffe://casemate.local/sandboxd 2xq4c3mzv7kd5e6rjp4w2ys3hn",
		RunE: func(c *cobra.Command, args []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			req := &secretsv1.EndWorkloadInstanceRequest{Workload: args[0]}
			if len(args) > 1 {
				req.WorkloadInstance = args[1]
			}
			resp, err := secrets.EndWorkloadInstance(c.Context(), req)
			if err != nil {
				return err
			}
			return a.show(resp, func() error {
				return a.line(fmt.Sprintf("it is gone; sandboxes that counted as running: %d", resp.GetEndedSandboxes()))
			})
		},
	}
}

func oneOrTwoArgs(c *cobra.Command, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return usagef("%s takes 1 or 2 arguments, not %d: %s", c.CommandPath(), len(args), c.UseLine())
	}
	return nil
}
