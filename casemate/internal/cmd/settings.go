package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/wholefile"
)

// settings are where the daemons are and whom the user is: from flags, else the environment, else the file that login
// writes.
type settings struct {
	Secretsd   string `yaml:"secretsd"`
	Sandboxd   string `yaml:"sandboxd"`
	CAFile     string `yaml:"ca_file"`
	APIKey     string `yaml:"api_key"`
	APIKeyFile string `yaml:"-"`
	Team       string `yaml:"team"`
}

// configPath is CASEMATE_CONFIG, else casemate/config.yaml in the user's configuration directory.
func configPath(getenv func(string) string) (string, error) {
	if p := getenv("CASEMATE_CONFIG"); p != "" {
		return p, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the configuration file: set CASEMATE_CONFIG: %w", err)
	}
	return filepath.Join(dir, "casemate", "config.yaml"), nil
}

func resolveSettings(flags settings, getenv func(string) string) (settings, error) {
	file, err := readSettings(getenv)
	if err != nil {
		return settings{}, err
	}
	first := func(values ...string) string {
		for _, v := range values {
			if v != "" {
				return v
			}
		}
		return ""
	}
	s := settings{
		Secretsd: first(flags.Secretsd, getenv("CASEMATE_SECRETSD"), file.Secretsd),
		Sandboxd: first(flags.Sandboxd, getenv("CASEMATE_SANDBOXD"), file.Sandboxd),
		CAFile:   first(flags.CAFile, getenv("CASEMATE_CA_FILE"), file.CAFile),
		Team:     first(flags.Team, getenv("CASEMATE_TEAM"), file.Team),
		APIKey:   first(getenv("CASEMATE_API_KEY"), file.APIKey),
	}
	if flags.APIKeyFile != "" {
		key, err := os.ReadFile(flags.APIKeyFile)
		if err != nil {
			return settings{}, fmt.Errorf("--api-key-file: %w", err)
		}
		s.APIKey = strings.TrimSpace(string(key))
	}
	return s, nil
}

func readSettings(getenv func(string) string) (settings, error) {
	path, err := configPath(getenv)
	if err != nil {
		return settings{}, nil // no home directory: flags and environment may say it all
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return settings{}, nil
	}
	if err != nil {
		return settings{}, fmt.Errorf("configuration file: %w", err)
	}
	var s settings
	if err := yaml.Unmarshal(raw, &s); err != nil {
		return settings{}, fmt.Errorf("configuration file %s: %w", path, err)
	}
	return s, nil
}

// writeSettings stores s for the user alone: it holds the key.
func writeSettings(path string, s settings) error {
	raw, err := yaml.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return wholefile.Replace(path, raw, 0o600)
}

// connect returns the client of both daemons, the same for all calls of a command.
func (a *app) connect() (*casemate.Client, error) {
	if a.client != nil {
		return a.client, nil
	}
	var err error
	a.client, err = casemate.Connect(casemate.Options{
		Sandboxd: a.settings.Sandboxd, Secretsd: a.settings.Secretsd, CAFile: a.settings.CAFile,
		APIKey: a.settings.APIKey, Team: a.settings.Team,
		NoRetry: true, // a person wants to know at once
	})
	return a.client, err
}

func (a *app) secrets() (secretsv1.SecretsManagerClient, error) {
	client, err := a.connect()
	if err != nil {
		return nil, err
	}
	return client.Secrets(), nil
}

func (a *app) sandboxes() (sandboxv1.SandboxServiceClient, error) {
	client, err := a.connect()
	if err != nil {
		return nil, err
	}
	return client.Sandboxes(), nil
}

// sandbox returns the sandbox that a person means: a bare id is that of one in any of the caller's teams.
func (a *app) sandbox(arg string) (*casemate.Sandbox, error) {
	client, err := a.connect()
	if err != nil {
		return nil, err
	}
	return client.Sandbox(arg), nil
}
