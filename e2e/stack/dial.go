package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
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

// DialSandboxd connects to sandboxd, as a client with that key.
func (s *Stack) DialSandboxd(key string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	return dial(s.SandboxdAddress, key, insecure.NewCredentials(), opts)
}

// DialSecretsd connects to secretsd over TLS, as a client with that key.
func (s *Stack) DialSecretsd(key string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	pool, err := s.roots()
	if err != nil {
		return nil, err
	}
	return dial(s.SecretsdAddress, key, credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS13, RootCAs: pool}), opts)
}

// DialSecretsdAsSandboxd connects to secretsd with sandboxd's own certificate, on behalf of the caller with that key.
func (s *Stack) DialSecretsdAsSandboxd(key string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	pool, err := s.roots()
	if err != nil {
		return nil, err
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(s.CertDir, "sandboxd.pem"), filepath.Join(s.CertDir, "sandboxd-key.pem"))
	if err != nil {
		return nil, err
	}
	return dial(s.SecretsdAddress, key, credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: pool, Certificates: []tls.Certificate{cert},
	}), opts)
}

func (s *Stack) roots() (*x509.CertPool, error) {
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", s.CAFile)
	}
	return pool, nil
}

func dial(address, key string, creds credentials.TransportCredentials, opts []grpc.DialOption) (*grpc.ClientConn, error) {
	_, hostport, _ := strings.Cut(address, "://")
	return grpc.NewClient(hostport, append([]grpc.DialOption{
		grpc.WithTransportCredentials(creds), grpc.WithPerRPCCredentials(bearer(key)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(100 << 20)),
	}, opts...)...)
}

// bearer presents an API key. It allows plaintext: the stack is on loopback.
type bearer string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (bearer) RequireTransportSecurity() bool { return false }
