package config

import (
	"fmt"
	"io"
	"strings"
)

// WriteReference writes the Markdown page about every setting of a daemon, from cfg, a pointer to a struct that holds the
// defaults: the configuration reference of docs/.
func WriteReference(w io.Writer, daemon string, cfg any) error {
	fields, err := fieldsOf(cfg)
	if err != nil {
		return err
	}
	env := "CASEMATE_" + strings.ToUpper(daemon) + "_"
	var b strings.Builder
	fmt.Fprintf(&b, `# Configuration of %[1]s

Made from the Config struct of %[1]s; a test holds it to that. A setting comes from the YAML file that `+"`--config` (or `%[2]sCONFIG`)"+`
names, else keeps its default; the environment overrules the file, and flags overrule both. Unknown keys and
unknown %[2]s* variables refuse to start. Nested keys are written with a dot here.

| key | flag | variable | type | default | meaning |
|---|---|---|---|---|---|
`, daemon, env)
	for _, f := range fields {
		value := f.String()
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `--%s` | `%s%s` | %s | %s | %s |\n",
			strings.Join(f.path, "."), f.flag(), env, f.env(), f.typeName(), value, strings.ReplaceAll(f.usage, "|", `\|`))
	}
	_, err = io.WriteString(w, b.String())
	return err
}
