package config_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/config"
	daemon "github.com/casemate/casemate/secretsd/internal/config"
)

var update = flag.Bool("update", false, "write the configuration reference anew")

const page = "../../../docs/configuration-secretsd.md"

// The configuration reference in docs/ must be what the Config struct says. After a change: go test -update.
func TestReference(t *testing.T) {
	cfg := daemon.Default()
	var want bytes.Buffer
	if err := config.WriteReference(&want, "secretsd", &cfg); err != nil {
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
		t.Errorf("docs/configuration-secretsd.md is not what Config says; run go test ./secretsd/internal/config -update:\n%s", diff)
	}
}
