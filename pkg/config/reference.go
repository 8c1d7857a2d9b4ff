package config

import (
	"fmt"
	"io"
	"strings"
)

// WriteReference writes a Markdown table of every setting of cfg, a pointer to a struct that holds the defaults: the
// configuration reference of docs/.
func WriteReference(w io.Writer, daemon string, cfg any) error {
	fields, err := fieldsOf(cfg)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("| key in the file | flag | variable | type | default | meaning |\n|---|---|---|---|---|---|\n")
	for _, f := range fields {
		value := f.String()
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `--%s` | `CASEMATE_%s_%s` | %s | %s | %s |\n",
			strings.Join(f.path, "."), f.flag(), strings.ToUpper(daemon), f.env(), f.typeName(), value,
			strings.ReplaceAll(f.usage, "|", `\|`))
	}
	_, err = io.WriteString(w, b.String())
	return err
}
