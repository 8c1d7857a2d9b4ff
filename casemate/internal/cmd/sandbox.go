package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func (a *app) ps() *cobra.Command {
	var all, quiet bool
	var tags []string
	c := &cobra.Command{
		Use: "ps [SANDBOX]", Args: atMostOneArg, Short: "List the team's sandboxes, or the background processes of one",
		Example: `  casemate ps -a
  casemate ps sb-2cs3f6rn5ybwszfe`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				if all || len(tags) > 0 {
					return usagef("--all and --tag are for sandboxes: the processes of one are all shown")
				}
				return a.processes(c.Context(), args[0], quiet)
			}
			sandboxes, err := a.sandboxes()
			if err != nil {
				return err
			}
			req := &sandboxv1.ListSandboxesRequest{PageSize: 1000, ShowEnded: all, Tags: tags}
			if a.settings.Team != "" {
				req.Parent = "teams/" + a.settings.Team
			}
			list := &sandboxv1.ListSandboxesResponse{}
			err = pages(func(token string) (string, error) {
				req.PageToken = token
				resp, err := sandboxes.ListSandboxes(c.Context(), req)
				list.Sandboxes = append(list.Sandboxes, resp.GetSandboxes()...)
				return resp.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return a.show(list, func() error { return a.printSandboxes(list.GetSandboxes(), quiet) })
		},
	}
	f := c.Flags()
	f.BoolVarP(&all, "all", "a", false, "show ended sandboxes too")
	f.BoolVarP(&quiet, "quiet", "q", false, "show ids only")
	f.StringArrayVar(&tags, "tag", nil, "only sandboxes with this tag; may be repeated")
	return c
}

func (a *app) printSandboxes(list []*sandboxv1.Sandbox, quiet bool) error {
	var rows [][]string
	for _, s := range list {
		if quiet {
			if err := a.line(base(s.GetName())); err != nil {
				return err
			}
			continue
		}
		state := word(s.GetState(), "SANDBOX_STATE_")
		if s.ExitCode != nil {
			state += fmt.Sprintf(" (exit %d)", s.GetExitCode())
		}
		var secrets []string
		for _, ref := range s.GetSpec().GetSecrets() {
			secrets = append(secrets, ref.GetSecret())
		}
		rows = append(rows, []string{
			base(s.GetName()), s.GetSpec().GetImage(), state, age(s.GetCreateTime()), ends(s), dash(strings.Join(secrets, ",")),
			dash(strings.Join(s.GetSpec().GetTags(), ",")), dash(s.GetReason()),
		})
	}
	if quiet {
		return nil
	}
	return a.table([]string{"SANDBOX", "IMAGE", "STATE", "CREATED", "ENDS", "SECRETS", "TAGS", "REASON"}, rows)
}

func (a *app) stop() *cobra.Command {
	var grace time.Duration
	c := &cobra.Command{
		Use: "stop SANDBOX...", Args: minArgs(1), Short: "Stop sandboxes: SIGTERM, and SIGKILL after the grace period",
		RunE: func(c *cobra.Command, args []string) error {
			return a.eachSandbox(args, func(sandboxes sandboxv1.SandboxServiceClient, name string) error {
				req := &sandboxv1.StopSandboxRequest{Name: name}
				if c.Flags().Changed("grace") {
					req.GracePeriod = durationpb.New(grace)
				}
				resp, err := sandboxes.StopSandbox(c.Context(), req)
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(base(name) + " is stopped") })
			})
		},
	}
	c.Flags().DurationVar(&grace, "grace", 0, "time between SIGTERM and SIGKILL; default: the sandbox's own")
	return c
}

func (a *app) rm() *cobra.Command {
	return &cobra.Command{
		Use: "rm SANDBOX...", Args: minArgs(1), Short: "End sandboxes at once and remove their records and logs",
		RunE: func(c *cobra.Command, args []string) error {
			return a.eachSandbox(args, func(sandboxes sandboxv1.SandboxServiceClient, name string) error {
				resp, err := sandboxes.DeleteSandbox(c.Context(), &sandboxv1.DeleteSandboxRequest{Name: name})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.line(base(name) + " is removed") })
			})
		},
	}
}

// eachSandbox calls fn for every argument, goes on after a failure, and returns the failures together.
func (a *app) eachSandbox(args []string, fn func(sandboxes sandboxv1.SandboxServiceClient, name string) error) error {
	client, err := a.connect()
	if err != nil {
		return err
	}
	var errs []error
	for _, arg := range args {
		errs = append(errs, fn(client.Sandboxes(), client.Sandbox(arg).Name))
	}
	return errors.Join(errs...)
}
