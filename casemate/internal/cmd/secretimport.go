package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/joho/godotenv"
	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

// maxDotenvBytes bounds a .env file: larger ones are something else.
const maxDotenvBytes = 16 << 20

var secretName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// dotenvEntry is one line's worth of a .env file.
type dotenvEntry struct {
	name  string
	value []byte
}

// parseDotenv reads a .env file (NAME=VALUE lines, quotes, comments and `export`, as godotenv takes them) and checks every
// entry, so that nothing is written of a file that has a mistake. Errors name the entry, never a value.
func parseDotenv(text []byte) ([]dotenvEntry, error) {
	values, err := unmarshalDotenv(text)
	if err != nil {
		return nil, err
	}
	// The same file without a dollar in it, so that nothing is expanded.
	literal, err := unmarshalDotenv(bytes.ReplaceAll(text, []byte("$"), []byte(dollar)))
	if err != nil {
		return nil, err
	}
	entries := make([]dotenvEntry, 0, len(values))
	for name, value := range values {
		if !secretName.MatchString(name) {
			return nil, usagef("a name in the file is not 1 to 255 of A-Z, a-z, 0-9, _ and -; names may hold no other character")
		}
		if err := checkValue(name, []byte(value)); err != nil {
			return nil, err
		}
		if expand(literal[name], values) != value {
			return nil, usagef("the value of %s has a $ that stands for no variable above it in the file: put the value in single quotes to keep the $", name)
		}
		entries = append(entries, dotenvEntry{name, []byte(value)})
	}
	slices.SortFunc(entries, func(x, y dotenvEntry) int { return strings.Compare(x.name, y.name) })
	return entries, nil
}

func unmarshalDotenv(text []byte) (map[string]string, error) {
	values, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		// The parser's own words quote the line, which may hold a value.
		return nil, usagef("the file is no .env file: a line is not NAME=VALUE, a name has other characters than A-Z, a-z, 0-9 and _, or a quote is not closed")
	}
	return values, nil
}

// dollar stands for a dollar sign that must not be expanded; a private character that no file has.
const dollar = "\uE000"

var dotenvReference = regexp.MustCompile(dollar + `(?:\{([A-Z0-9_]+)\}|([A-Z0-9_]+))`)

// expand resolves the references in a literal value, and leaves every other dollar alone. The parser, which drops those,
// must come to the same: a password with a dollar in it is else stored without, and nobody notices.
func expand(literal string, values map[string]string) string {
	expanded := dotenvReference.ReplaceAllStringFunc(literal, func(ref string) string {
		if v, ok := values[strings.Trim(ref, dollar+"{}")]; ok {
			return v
		}
		return ref
	})
	return strings.ReplaceAll(expanded, dollar, "$")
}

func (a *app) secretImport() *cobra.Command {
	var dryRun, ifChanged bool
	c := &cobra.Command{
		Use: "import FILE", Args: exactArgs(1), Short: "Store every NAME=VALUE of a .env file (- for standard input)",
		Long: `Store every NAME=VALUE of a .env file, as "secret set" would. The whole file is checked before anything is stored.
A $NAME in a value stands for the value of an earlier line; a dollar that stands for nothing is refused, unless single
quotes keep it as it is.`,
		RunE: func(c *cobra.Command, args []string) error {
			text, err := a.readAtMost(args[0], maxDotenvBytes)
			if err != nil {
				return err
			}
			entries, err := parseDotenv(text)
			if err != nil {
				return err
			}
			if dryRun {
				for _, e := range entries {
					if err := a.line(e.name); err != nil {
						return err
					}
				}
				return a.line(fmt.Sprintf("%d secrets would be stored", len(entries)))
			}
			return a.inTeam(c.Context(), func(_ secretsv1.SecretsManagerClient, parent string) error {
				stored := &secretsv1.ListSecretVersionsResponse{}
				for i, e := range entries {
					v, _, err := a.client.StoreSecret(c.Context(), e.name, casemate.Value{Data: e.value, IfChanged: ifChanged})
					if err != nil {
						return fmt.Errorf("%d of %d secrets are stored; %s failed: %w", i, len(entries), e.name, err)
					}
					a.adviseOn(e.name, casemate.Value{Data: e.value})
					stored.Versions = append(stored.Versions, v)
				}
				return a.show(stored, func() error {
					for i, v := range stored.GetVersions() {
						if err := a.line(fmt.Sprintf("%s is stored as version %s", entries[i].name, base(v.GetName()))); err != nil {
							return err
						}
					}
					return a.line(fmt.Sprintf("%d secrets are stored in team %s", len(entries), base(parent)))
				})
			})
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "check the file and show the names only")
	c.Flags().BoolVar(&ifChanged, "if-changed", false, "add no version of a secret whose newest one is enabled and has the value already")
	return c
}

// readAtMost reads a file, or standard input for "-", of at most limit bytes.
func (a *app) readAtMost(path string, limit int64) ([]byte, error) {
	in := io.Reader(a.In)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, usagef("%s is larger than %d MiB", path, limit>>20)
	}
	return text, nil
}
