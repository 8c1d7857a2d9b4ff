package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/masking"
	"github.com/casemate/casemate/pkg/redact"
)

func (a *app) teamUpdate() *cobra.Command {
	var mask bool
	c := &cobra.Command{
		Use: "update", Args: noArgs, Short: "Change what holds for the whole team (owners and admins)",
		Long: `Change what holds for the whole team.

--mask-output has the team's sandboxes put *** in place of their secrets' values in the output of commands and in files that
are read, as they always do in the main process's log; --mask-output=false takes that back. It counts for sandboxes that are
made from now on. It stops accidents, not an attacker: code in a sandbox can print a value in a form that nobody recognises.`,
		Example: "  casemate team update --mask-output",
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("mask-output") {
				return usagef("say what to change: --mask-output, or --mask-output=false")
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				resp, err := secrets.UpdateTeam(c.Context(), &secretsv1.UpdateTeamRequest{
					Team:       &secretsv1.Team{Name: parent, MaskOutput: mask},
					UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"mask_output"}},
				})
				if err != nil {
					return err
				}
				return a.show(resp, func() error {
					return a.line("the output of sandboxes that team " + base(parent) + " makes from now on is " + maskedWord(resp.GetTeam()))
				})
			})
		},
	}
	c.Flags().BoolVar(&mask, "mask-output", false, "mask the values of secrets in the output of the team's sandboxes")
	return c
}

func maskedWord(t *secretsv1.Team) string {
	if t.GetMaskOutput() {
		return "masked"
	}
	return "as it is"
}

// maskingHints say what to do about a value that no sandbox will mask.
var maskingHints = map[masking.Gap]string{
	masking.Short:  "has fewer than 6 characters, too few to be masked in logs and output: a longer one would be",
	masking.Common: "is too common to be masked in logs and output: one that is hard to guess would be",
}

// adviseOn says of a value that was stored that no sandbox will mask it. A generated one is nobody's to change.
func (a *app) adviseOn(name string, value casemate.Value) {
	if value.Generate != nil {
		return
	}
	if hint, ok := maskingHints[masking.Check(redact.New(value.Data))]; ok {
		fmt.Fprintf(a.Err, "casemate: hint: the value of %s %s\n", plain(name), hint)
	}
}
