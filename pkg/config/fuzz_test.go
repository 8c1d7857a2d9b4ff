package config_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/config"
)

// FuzzLoad reads any file, variable and flag. What is taken can be written down again, and is the same then.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		"listen: a\ngrace: 3s\nmemory: 1KiB\nmax: 3\ndebug: true\nallow: [a, b]\ntls: {cert_file: c}\n", "a: &a [*a]", "max: 99999999999999999999",
		"memory: -1", "tls: 3", "listen: {a: b}", "allow: x", "grace: 1", "\x00", "- 1", "listen: !!binary AAAA", "max: 0x10", "memory: 1e3",
	} {
		f.Add([]byte(s), "a,b", "1h")
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, file []byte, env, flag string) {
		path := filepath.Join(dir, "config.yaml")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := defaults()
		err := config.Load("secretsd", &cfg, []string{"--config", path, "--grace", flag}, []string{"CASEMATE_SECRETSD_ALLOW=" + env}, io.Discard)
		if err != nil {
			return
		}
		if cfg.Memory < 0 {
			t.Errorf("a size of %d bytes", cfg.Memory)
		}
		if d, err := time.ParseDuration(flag); err != nil || d != cfg.Grace {
			t.Errorf("the flag %q was taken for %v", flag, cfg.Grace)
		}
		again := sample{}
		args := []string{
			"--listen=" + cfg.Listen, "--grace=" + cfg.Grace.String(), fmt.Sprintf("--memory=%d", cfg.Memory), fmt.Sprintf("--max=%d", cfg.Max),
			fmt.Sprintf("--debug=%v", cfg.Debug), "--allow=" + env, "--tls-cert-file=" + cfg.TLS.CertFile,
		}
		if err := config.Load("secretsd", &again, args, nil, io.Discard); err != nil {
			t.Fatalf("%+v can't be read again: %v", cfg, err)
		}
		if d := cmp.Diff(cfg, again); d != "" {
			t.Errorf("read again (-first +again):\n%s", d)
		}
	})
}
