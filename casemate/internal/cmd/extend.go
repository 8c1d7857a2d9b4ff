package cmd

import (
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func (a *app) extend() *cobra.Command {
	var ttl time.Duration
	c := &cobra.Command{
		Use: "extend --for TIME SANDBOX...", Args: minArgs(1), Short: "Give running sandboxes another end, later or earlier",
		Long: `Give running sandboxes another end, in place of the one that their lifetime set: later, or earlier, but no later than the
operator lets a sandbox live. It counts as a use: an idle timeout starts anew.`,
		Example: `  casemate extend --for 2h sb-2cs3f6rn5ybwszfe`,
		RunE: func(c *cobra.Command, args []string) error {
			if ttl <= 0 {
				return usagef("say with --for how long they are to live from now on, such as 2h")
			}
			return a.eachSandbox(args, func(sandboxes sandboxv1.SandboxServiceClient, name string) error {
				resp, err := sandboxes.ExtendSandbox(c.Context(), &sandboxv1.ExtendSandboxRequest{
					Name: name, Expiration: &sandboxv1.ExtendSandboxRequest_Ttl{Ttl: durationpb.New(ttl)},
				})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(base(name) + " ends at " + moment(resp.GetSandbox().GetExpireTime())) })
			})
		},
	}
	c.Flags().DurationVar(&ttl, "for", 0, "`TIME` from now, such as 2h")
	return c
}

// ends says when a running sandbox will end, and whether only if nothing is done in it; a dash for all others.
func ends(s *sandboxv1.Sandbox) string {
	if s.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING || s.GetExpireTime() == nil {
		return "-"
	}
	end, idle := s.GetExpireTime().AsTime(), ""
	if at := s.GetIdleExpireTime(); at != nil && at.AsTime().Before(end) {
		end, idle = at.AsTime(), ", when idle"
	}
	return humanize.Time(end) + idle
}
