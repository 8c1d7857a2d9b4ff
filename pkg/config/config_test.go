package config_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/config"
)

type sample struct {
	Listen string        `yaml:"listen" usage:"address to listen on"`
	Grace  time.Duration `yaml:"grace" usage:"time to finish calls"`
	Memory config.Size   `yaml:"memory" usage:"memory of a sandbox"`
	Max    int           `yaml:"max" usage:"how many"`
	Debug  bool          `yaml:"debug" usage:"say more"`
	Allow  []string      `yaml:"allow" usage:"who may"`
	TLS    struct {
		CertFile string `yaml:"cert_file" usage:"certificate"`
	} `yaml:"tls"`
	Teams map[string]share `yaml:"teams" usage:"shares of teams"`
}

type share struct {
	Max    *int         `yaml:"max"`
	Memory *config.Size `yaml:"memory"`
}

func defaults() sample { return sample{Listen: "127.0.0.1:1", Grace: time.Second, Memory: 1 << 20} }

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	file := write(t, "listen: file\ngrace: 2m\nmemory: 512MiB\nmax: 3\nallow: [a, b]\ntls:\n  cert_file: /file.pem\n")
	cfg := defaults()
	err := config.Load("testd", &cfg, []string{"--max", "7", "--debug", "--config", file},
		[]string{"CASEMATE_TESTD_LISTEN=env", "CASEMATE_TESTD_MAX=5", "CASEMATE_TESTD_TLS_CERT_FILE=/env.pem", "CASEMATE_OTHERD_X=1", "PATH=/bin"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := sample{Listen: "env", Grace: 2 * time.Minute, Memory: 512 << 20, Max: 7, Debug: true, Allow: []string{"a", "b"}}
	want.TLS.CertFile = "/env.pem"
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Error(diff)
	}
}

func TestListAndSizeFromEnvironment(t *testing.T) {
	cfg := defaults()
	if err := config.Load("testd", &cfg, nil, []string{"CASEMATE_TESTD_ALLOW=x, y,", "CASEMATE_TESTD_MEMORY=64KiB"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x", "y"}, cfg.Allow); diff != "" || cfg.Memory != 64<<10 {
		t.Errorf("allow %s memory %d", diff, cfg.Memory)
	}
}

func TestErrorsNameTheKey(t *testing.T) {
	for name, tc := range map[string]struct {
		file string
		args []string
		env  []string
		want string
	}{
		"unknown key in file":   {file: "listne: x\n", want: "listne"},
		"unknown nested key":    {file: "tls:\n  cert: x\n", want: "cert"},
		"wrong type in file":    {file: "max: many\n", want: "many"},
		"bad size in file":      {file: "memory: lots\n", want: "lots"},
		"unknown variable":      {env: []string{"CASEMATE_TESTD_LISTNE=x"}, want: "CASEMATE_TESTD_LISTNE"},
		"bad variable":          {env: []string{"CASEMATE_TESTD_GRACE=soon"}, want: "CASEMATE_TESTD_GRACE"},
		"unknown flag":          {args: []string{"--listne=x"}, want: "listne"},
		"bad flag":              {args: []string{"--max=many"}, want: "--max"},
		"argument":              {args: []string{"start"}, want: "start"},
		"file that isn't there": {args: []string{"--config=/nowhere.yaml"}, want: "/nowhere.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			args := tc.args
			if tc.file != "" {
				args = append(args, "--config", write(t, tc.file))
			}
			cfg := defaults()
			err := config.Load("testd", &cfg, args, tc.env, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one that names %q", err, tc.want)
			}
		})
	}
}

func TestHelpAndReference(t *testing.T) {
	var out bytes.Buffer
	cfg := defaults()
	if err := config.Load("testd", &cfg, []string{"--help"}, nil, &out); !errors.Is(err, config.ErrHelp) {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"--tls-cert-file", "address to listen on", "127.0.0.1:1", "1.0MiB"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := config.WriteReference(&out, "testd", &cfg); err != nil {
		t.Fatal(err)
	}
	if want := "| `tls.cert_file` | `--tls-cert-file` | `CASEMATE_TESTD_TLS_CERT_FILE` | string |  | certificate |"; !strings.Contains(out.String(), want) {
		t.Errorf("reference lacks %s:\n%s", want, out.String())
	}
}

func TestMapsAreYAMLEverywhere(t *testing.T) {
	three, size := 3, config.Size(1<<30)
	want := map[string]share{"red": {Max: &three, Memory: &size}, "blue": {}}
	const text = "{red: {max: 3, memory: 1GiB}, blue: {}}"
	file := write(t, "teams:\n  red: {max: 3, memory: 1GiB}\n  blue: {}\n")
	for name, load := range map[string]struct{ args, env []string }{
		"file":        {args: []string{"--config", file}},
		"environment": {args: []string{"--config", write(t, "teams: {gone: {max: 1}}\n")}, env: []string{"CASEMATE_TESTD_TEAMS=" + text}},
		"flag":        {args: []string{"--teams", text}},
	} {
		cfg := defaults()
		if err := config.Load("testd", &cfg, load.args, load.env, io.Discard); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, cfg.Teams); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, bad := range []string{"{red: {mox: 3}}", "{red: 3}", "{red: {max: x}}", "{red: {memory: x}}", "red", "{"} {
		cfg := defaults()
		if err := config.Load("testd", &cfg, nil, []string{"CASEMATE_TESTD_TEAMS=" + bad}, io.Discard); err == nil || !strings.Contains(err.Error(), "CASEMATE_TESTD_TEAMS") {
			t.Errorf("%s: %v, %v", bad, cfg.Teams, err)
		}
	}
}
