// Package stack starts a real pair of daemons as processes, set up as an operator would: certificates and keys come from
// the command line, configuration from files, and nothing is shared with this process but sockets and a directory. The
// end-to-end tests and the benchmark run on it.
package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Options says what to start.
type Options struct {
	// Dir holds everything the daemons write. Required.
	Dir string
	// Bin holds the binaries that `make build` makes. Required.
	Bin string
	// LogLevel of both daemons; empty means "info".
	LogLevel string
	// SandboxdTLS serves sandboxd's API with TLS too, by its own certificate, and makes that its address.
	SandboxdTLS bool
	// KeepSandboxes lets sandboxes run on when sandboxd is stopped; otherwise they end with it.
	KeepSandboxes bool
	// SecretsdExtra is appended to secretsd's configuration file.
	SecretsdExtra string
	// SandboxdExtra is appended to sandboxd's configuration file.
	SandboxdExtra string
}

// Stack is a running pair of daemons.
type Stack struct {
	Secretsd, Sandboxd *Process

	// Addresses as clients write them.
	SecretsdAddress, SandboxdAddress string
	// SandboxdPlaintext is sandboxd's address without TLS, which there is in any case.
	SandboxdPlaintext string
	// AdminAddresses serve /metrics and /healthz: secretsd's, sandboxd's.
	AdminAddresses [2]string
	// CAFile is what clients trust; CertDir holds all certificates.
	CAFile, CertDir string
	// SecretsdDir and SandboxdDir are the daemons' state.
	SecretsdDir, SandboxdDir string
	// OperatorKey is the key that secretsd's first start made.
	OperatorKey string

	opts Options
}

// Start makes certificates and configuration in opts.Dir and starts both daemons. Close ends them.
func Start(ctx context.Context, opts Options) (*Stack, error) {
	if opts.LogLevel == "" {
		opts.LogLevel = "info"
	}
	ports, err := freePorts(5)
	if err != nil {
		return nil, err
	}
	s := &Stack{
		opts:              opts,
		SecretsdAddress:   "https://" + ports[0],
		SandboxdAddress:   "http://" + ports[2],
		SandboxdPlaintext: "http://" + ports[2],
		AdminAddresses:    [2]string{ports[1], ports[3]},
		CertDir:           filepath.Join(opts.Dir, "certs"),
		SecretsdDir:       filepath.Join(opts.Dir, "secretsd"),
		SandboxdDir:       filepath.Join(opts.Dir, "sandboxd"),
	}
	if opts.SandboxdTLS {
		s.SandboxdAddress = "https://" + ports[4]
	}
	s.CAFile = filepath.Join(s.CertDir, "ca.pem")
	if out, err := exec.CommandContext(ctx, filepath.Join(opts.Bin, "casemate"), "certs", "init", s.CertDir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("casemate certs init: %w: %s", err, out)
	}
	if err := s.configure(ports); err != nil {
		return nil, err
	}
	if err := s.Secretsd.Start(ctx); err != nil {
		return nil, err
	}
	if err := s.Sandboxd.Start(ctx); err != nil {
		s.Secretsd.Stop()
		return nil, err
	}
	key, err := os.ReadFile(filepath.Join(s.SecretsdDir, "root.key"))
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("the operator's first key: %w", err)
	}
	s.OperatorKey = strings.TrimSpace(string(key))
	return s, nil
}

func (s *Stack) configure(ports []string) error {
	tls := ""
	if s.opts.SandboxdTLS {
		tls = fmt.Sprintf("tls:\n  listen: %s\n  cert_file: %[2]s/sandboxd.pem\n  key_file: %[2]s/sandboxd-key.pem\n", ports[4], s.CertDir)
	}
	files := map[string]string{
		"secretsd.yaml": fmt.Sprintf(`listen: %s
admin_listen: %s
data_dir: %s
log_level: %s
tls:
  cert_file: %[5]s/secretsd.pem
  key_file: %[5]s/secretsd-key.pem
  ca_file: %[5]s/ca.pem
%s`, ports[0], ports[1], s.SecretsdDir, s.opts.LogLevel, s.CertDir, s.opts.SecretsdExtra),
		"sandboxd.yaml": fmt.Sprintf(`listen: %s
admin_listen: %s
state_dir: %s
agent_path: %s/sandbox-agent
stop_sandboxes_on_exit: %t
log_level: %s
secretsd:
  address: %s
  cert_file: %[8]s/sandboxd.pem
  key_file: %[8]s/sandboxd-key.pem
  ca_file: %[8]s/ca.pem
%s`, ports[2], ports[3], s.SandboxdDir, s.opts.Bin, !s.opts.KeepSandboxes, s.opts.LogLevel, ports[0], s.CertDir, tls+s.opts.SandboxdExtra),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.opts.Dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	process := func(name, admin string) *Process {
		return &Process{
			name: name, bin: filepath.Join(s.opts.Bin, name), admin: admin,
			args:    []string{"--config", filepath.Join(s.opts.Dir, name+".yaml")},
			LogPath: filepath.Join(s.opts.Dir, name+".log"),
		}
	}
	s.Secretsd, s.Sandboxd = process("secretsd", ports[1]), process("sandboxd", ports[3])
	return nil
}

// Close ends both daemons. Sandboxes that still run are left to whoever made them.
func (s *Stack) Close() {
	s.Sandboxd.Stop()
	s.Secretsd.Stop()
}

// CLI runs the casemate command as a user with that key would, with stdin, and returns its stdout.
func (s *Stack) CLI(ctx context.Context, key, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(s.opts.Bin, "casemate"), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.opts.Dir}, s.Env(key)...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("casemate %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}

// Env is the environment of a client with that key: the command line's variables and the Python SDK's.
func (s *Stack) Env(key string) []string {
	return []string{
		"CASEMATE_SECRETSD=" + s.SecretsdAddress,
		"CASEMATE_SANDBOXD=" + s.SandboxdAddress,
		"CASEMATE_CA_FILE=" + s.CAFile,
		"CASEMATE_API_KEY=" + key,
		"CWSANDBOX_BASE_URL=" + s.SandboxdAddress,
		"CWSANDBOX_API_KEY=" + key,
		"WANDB_API_KEY=" + key,
	}
}

// freePorts returns n loopback addresses that nothing listened on a moment ago.
func freePorts(n int) ([]string, error) {
	var addrs []string
	var listeners []net.Listener
	var errs []error
	for range n {
		lis, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		listeners = append(listeners, lis)
		addrs = append(addrs, lis.Addr().String())
	}
	for _, lis := range listeners {
		lis.Close()
	}
	return addrs, errors.Join(errs...)
}
