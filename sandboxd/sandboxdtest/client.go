package sandboxdtest

import (
	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/client/clienttest"
)

// Conn connects with an API key, "" for none. Every answer is seen as it comes: no call is made again. The connection lives
// as long as the test.
func (s *Server) Conn(key string, opts ...grpc.DialOption) *grpc.ClientConn {
	s.t.Helper()
	return clienttest.Dial(s.t, client.Options{Address: s.Address(), NoRetry: true, DialOptions: opts}, key)
}

// Client is Conn as a client of the native API.
func (s *Server) Client(key string) sandboxv1.SandboxServiceClient {
	s.t.Helper()
	return sandboxv1.NewSandboxServiceClient(s.Conn(key))
}
