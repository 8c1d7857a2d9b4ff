package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
)

// NewKey makes an API key of the operator's for a team; no scopes means the default, run only.
func (s *Stack) NewKey(ctx context.Context, team string, scopes ...string) (string, error) {
	args := []string{"key", "create", "--team", team, "-o", "json"}
	for _, scope := range scopes {
		args = append(args, "--scope", scope)
	}
	out, err := s.CLI(ctx, s.OperatorKey, "", args...)
	if err != nil {
		return "", err
	}
	var made struct{ Key string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.Key == "" {
		return "", fmt.Errorf("casemate key create printed no key: %w", errors.Join(err, errors.New(out)))
	}
	return made.Key, nil
}

// DialSandboxd connects to sandboxd, as a client with that key. Every answer is seen as it comes: no call is made again.
func (s *Stack) DialSandboxd(key string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	return s.dial(s.SandboxdAddress, key, opts)
}

// DialSecretsd connects to secretsd over TLS, as a client with that key.
func (s *Stack) DialSecretsd(key string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	return s.dial(s.SecretsdAddress, key, opts)
}

// DialSecretsdAsSandboxd connects to secretsd with sandboxd's own certificate, on behalf of the caller with that key.
func (s *Stack) DialSecretsdAsSandboxd(key string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	secretsd, err := identity.WorkloadID(identity.DefaultTrustDomain, identity.WorkloadSecretsd)
	if err != nil {
		return nil, err
	}
	config, err := mtls.ClientConfig(mtls.FilesIn(s.CertDir, identity.WorkloadSandboxd), secretsd)
	if err != nil {
		return nil, err
	}
	return s.dial(s.SecretsdAddress, key, append(opts, grpc.WithTransportCredentials(credentials.NewTLS(config))))
}

func (s *Stack) dial(address, key string, opts []grpc.DialOption) (*grpc.ClientConn, error) {
	k, err := apikey.Parse(key)
	if err != nil {
		return nil, err
	}
	return client.Dial(client.Options{Address: address, CAFile: s.CAFile, Key: &k, NoRetry: true, DialOptions: opts})
}
