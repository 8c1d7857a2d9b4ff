// Package configtest holds a daemon's configuration reference in docs/ to its Config struct.
package configtest

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/config"
)

var update = flag.Bool("update", false, "write the configuration reference anew")

// Reference fails when the page is not what cfg, a pointer to the defaults, says. With -update it writes the page first.
func Reference(t *testing.T, daemon string, cfg any, page string) {
	t.Helper()
	var want bytes.Buffer
	if err := config.WriteReference(&want, daemon, cfg); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(have)); diff != "" {
		t.Errorf("%s is not what Config says; run go test ./%s/internal/config -update:\n%s", page, daemon, diff)
	}
}
