package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

func (a *app) secretGenerate() *cobra.Command {
	var length int32
	var charset string
	generate := &cobra.Command{
		Use: "generate NAME", Args: exactArgs(1), Short: "Store a random value that nobody has seen",
		Long: `Store a random value as a new secret, or as a new version of one. secretsd makes it; it is not shown, and passes
nobody's hands on its way into a sandbox.`,
		Example: "  casemate secret generate DB_PASSWORD --length 40 --charset url-safe",
		RunE: func(c *cobra.Command, args []string) error {
			name := "CHARSET_" + strings.ToUpper(strings.ReplaceAll(charset, "-", "_"))
			set, ok := secretsv1.Charset_value[name]
			if !ok || set == 0 {
				return usagef("charset %q: want alphanumeric, url-safe, printable, hex or digits", charset)
			}
			if length < 8 || length > 4096 {
				return usagef("length %d: want 8 to 4096", length)
			}
			return a.store(c.Context(), args[0], casemate.Value{
				Generate: &secretsv1.GeneratedValue{Length: length, Charset: secretsv1.Charset(set)},
			})
		},
	}
	generate.Flags().Int32Var(&length, "length", 32, "how many characters, 8 to 4096")
	generate.Flags().StringVar(&charset, "charset", "alphanumeric", "which characters: alphanumeric, url-safe, printable, hex or digits")
	return generate
}
