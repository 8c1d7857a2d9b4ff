// Package config reads a daemon's configuration into its Config struct: defaults, then a YAML file, then the environment,
// then flags, each stronger than the one before. A key that the struct does not have is an error, in the file and in the
// environment alike: a typing error must not start a daemon with a default that nobody meant.
//
// The struct's fields carry a `yaml` tag for the key and a `usage` tag that says what it is, its unit, and what zero does.
// Nested structs are nested keys. A field tls.cert_file of secretsd is `cert_file` below `tls` in the file,
// CASEMATE_SECRETSD_TLS_CERT_FILE in the environment and --tls-cert-file on the command line. Fields are strings, bools,
// integers, durations ("10m"), Size ("512MiB"), lists of strings (comma-separated outside the file), or maps, which are YAML
// outside the file too.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// ErrHelp is what Load returns when help was asked for and printed.
var ErrHelp = pflag.ErrHelp

// Load fills cfg, a pointer to a struct that holds the defaults, for the daemon of that name (such as "secretsd") from
// args (without the program's name) and environ (as os.Environ gives it). The file is named by --config or by
// CASEMATE_<DAEMON>_CONFIG; without either there is none. Help goes to out. Every error says which key is wrong, and
// where it stands.
func Load(daemon string, cfg any, args, environ []string, out io.Writer) error {
	fields, err := fieldsOf(cfg)
	if err != nil {
		return err
	}
	prefix := "CASEMATE_" + strings.ToUpper(daemon) + "_"
	flags := pflag.NewFlagSet(daemon, pflag.ContinueOnError)
	flags.SetOutput(out)
	flags.SortFlags = false
	flags.Usage = func() {
		fmt.Fprintf(out, "Usage: %s [flags]\n\nEach flag --a-b is the key a.b or a_b of the YAML file too, and the variable %sA_B.\n\n%s",
			daemon, prefix, flags.FlagUsagesWrapped(100))
	}
	file := flags.String("config", "", "YAML file with the configuration")
	given := make(map[string]string)
	for _, f := range fields {
		flags.Var(&flagValue{field: f, given: given}, f.flag(), f.usage)
		if f.isBool() {
			flags.Lookup(f.flag()).NoOptDefVal = "true"
		}
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: %s takes flags only", flags.Arg(0), daemon)
	}
	env := fromEnviron(environ, prefix)
	if *file == "" {
		*file = env["CONFIG"]
	}
	delete(env, "CONFIG")
	if *file != "" {
		if err := readFile(*file, cfg); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if text, ok := env[f.env()]; ok {
			if err := f.set(text); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, f.env(), err)
			}
			delete(env, f.env())
		}
		if text, ok := given[f.flag()]; ok {
			if err := f.set(text); err != nil {
				return fmt.Errorf("--%s: %w", f.flag(), err)
			}
		}
	}
	return unknown(env, prefix, daemon)
}

func unknown(env map[string]string, prefix, daemon string) error {
	if len(env) == 0 {
		return nil
	}
	var names []string
	for name := range env {
		names = append(names, prefix+name)
	}
	slices.Sort(names)
	return fmt.Errorf("%s has no setting for %s: unset it, or see %s --help", daemon, strings.Join(names, ", "), daemon)
}

func fromEnviron(environ []string, prefix string) map[string]string {
	found := make(map[string]string)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if key, ok := strings.CutPrefix(name, prefix); ok {
			found[key] = value
		}
	}
	return found
}

func readFile(path string, cfg any) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	dec := yaml.NewDecoder(f)
	dec.KnownFields(true)
	if err := dec.Decode(cfg); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("configuration file %s: %w", path, err)
	}
	return nil
}

// flagValue notes what was given on the command line, to be set last.
type flagValue struct {
	field field
	given map[string]string
}

// String implements pflag.Value: it shows the default.
func (v *flagValue) String() string {
	if v.given == nil {
		return ""
	}
	return v.field.String()
}

// Set implements pflag.Value.
func (v *flagValue) Set(text string) error {
	v.given[v.field.flag()] = text
	return nil
}

// Type implements pflag.Value: the word that help shows for a value.
func (v *flagValue) Type() string { return v.field.typeName() }
