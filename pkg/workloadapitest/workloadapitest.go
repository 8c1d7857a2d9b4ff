// Package workloadapitest serves the SPIFFE Workload API to tests, on a unix socket: what a SPIRE agent does for one workload.
package workloadapitest

import (
	"context"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/proto/spiffe/workload"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/mtls"
)

// Server serves one workload until its test ends.
type Server struct {
	workload.UnimplementedSpiffeWorkloadAPIServer

	// Address is what workloads dial: unix:///path.
	Address string

	t testing.TB

	mu      sync.Mutex
	answer  *workload.X509SVIDResponse
	changed chan struct{} // closed by the next change
}

// New serves the workload of an id, with a certificate of ca for localhost.
func New(t testing.TB, ca *mtls.CA, id string) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "workloadapi") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "agent.sock")
	s := &Server{t: t, Address: "unix://" + path, changed: make(chan struct{})}
	s.Issue(ca, id)
	lis, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workload.RegisterSpiffeWorkloadAPIServer(server, s)
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)
	return s
}

// Issue sends the workload a new certificate of an authority, and the authorities to trust: that one, and others.
func (s *Server) Issue(ca *mtls.CA, id string, trusted ...*mtls.CA) {
	s.t.Helper()
	spiffeID, err := spiffeid.FromString(id)
	if err != nil {
		s.t.Fatal(err)
	}
	cert, key, err := ca.Issue(spiffeID, []string{"localhost", "127.0.0.1"}, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	svid := &workload.X509SVID{SpiffeId: id, X509Svid: s.der(cert), X509SvidKey: s.der(key), Bundle: s.der(ca.CertPEM())}
	for _, other := range trusted {
		svid.Bundle = append(svid.Bundle, s.der(other.CertPEM())...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = &workload.X509SVIDResponse{Svids: []*workload.X509SVID{svid}}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) der(text []byte) []byte {
	s.t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		s.t.Fatal("no PEM")
	}
	return block.Bytes
}

// FetchX509SVID implements the Workload API: what there is, and each change.
func (s *Server) FetchX509SVID(_ *workload.X509SVIDRequest, stream grpc.ServerStreamingServer[workload.X509SVIDResponse]) error {
	if md, _ := metadata.FromIncomingContext(stream.Context()); len(md.Get("workload.spiffe.io")) == 0 {
		return status.Error(codes.InvalidArgument, "the security header is missing")
	}
	for {
		s.mu.Lock()
		answer, changed := s.answer, s.changed
		s.mu.Unlock()
		if err := stream.Send(answer); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}
