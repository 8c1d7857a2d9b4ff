package secretsdtest

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/client/clienttest"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
)

// Conn connects as people do: with an API key ("" for none) and without a client certificate. Every answer is seen as it
// comes: no call is made again.
func (s *Server) Conn(key string, opts ...grpc.DialOption) *grpc.ClientConn {
	s.t.Helper()
	return clienttest.Dial(s.t, client.Options{Address: s.Address(), CAFile: s.CAFile(), NoRetry: true, DialOptions: opts}, key)
}

// Client is Conn as a client.
func (s *Server) Client(key string) secretsv1.SecretsManagerClient {
	s.t.Helper()
	return secretsv1.NewSecretsManagerClient(s.Conn(key))
}

// WorkloadConn connects with a workload's certificate, and with the API key of the end caller ("" for none).
func (s *Server) WorkloadConn(workload, key string, opts ...grpc.DialOption) *grpc.ClientConn {
	s.t.Helper()
	server, err := identity.WorkloadID(identity.DefaultTrustDomain, identity.WorkloadSecretsd)
	if err != nil {
		s.t.Fatal(err)
	}
	tlsConfig, err := mtls.ClientConfig(s.Certs.Files(workload), server)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Conn(key, append(opts, grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)))...)
}

// SandboxdClient connects with sandboxd's certificate, and with the API key of the end caller ("" for none).
func (s *Server) SandboxdClient(key string) secretsv1.SecretsManagerClient {
	s.t.Helper()
	return secretsv1.NewSecretsManagerClient(s.WorkloadConn(identity.WorkloadSandboxd, key))
}
