package sandboxdtest

import (
	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
)

// Conn connects with an API key, "" for none. The connection lives as long as the test.
func (s *Server) Conn(key string, opts ...grpc.DialOption) *grpc.ClientConn {
	s.t.Helper()
	o := client.Options{Address: s.Address(), DialOptions: opts}
	if key != "" {
		k, err := apikey.Parse(key)
		if err != nil {
			s.t.Fatal(err)
		}
		o.Key = &k
	}
	conn, err := client.Dial(o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Client is Conn as a client of the native API.
func (s *Server) Client(key string) sandboxv1.SandboxServiceClient {
	s.t.Helper()
	return sandboxv1.NewSandboxServiceClient(s.Conn(key))
}
