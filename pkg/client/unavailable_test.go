package client_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/client/clienttest"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// A daemon that says itself that it is Unavailable is asked again, like one that does not answer: here a sandboxd whose
// secretsd restarts.
func TestAnUnavailableAnswerIsAskedForAgain(t *testing.T) {
	s := sandboxdtest.Start(t)
	s.Secretsd.CreateTeam("red")
	key := s.Secretsd.CreateUser("red", "ada", identity.RoleMember)
	s.Secretsd.Stop()

	var header, trailer metadata.MD
	_, err := s.Client(key).ListImages(t.Context(), &sandboxv1.ListImagesRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
	if errdefs.ReasonOf(errgrpc.FromError(err)) != "SECRETSD_UNAVAILABLE" || header.Len() != 0 || len(trailer.Get("x-request-id")) != 1 {
		t.Errorf("%v with headers %v and trailers %v; want the request id in the trailers", err, header, trailer)
	}

	a := &attempts{failed: make(chan struct{}, 2)}
	c := sandboxv1.NewSandboxServiceClient(clienttest.Dial(t, client.Options{
		Address: s.Address(), DialOptions: []grpc.DialOption{grpc.WithStatsHandler(a)},
	}, key))
	// One without and one with a stream, at the same time.
	unary, stream := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := c.ListImages(t.Context(), &sandboxv1.ListImagesRequest{})
		unary <- err
	}()
	go func() {
		logs, err := c.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: "teams/red/sandboxes/sb-none"})
		if err == nil {
			_, err = logs.Recv()
		}
		stream <- err
	}()
	for range 2 {
		<-a.failed
	}
	s.Secretsd.Restart()
	if err := <-unary; err != nil {
		t.Errorf("ListImages over a restart of secretsd: %v", err)
	}
	if err := <-stream; status.Code(err) != codes.NotFound {
		t.Errorf("StreamLogs over a restart of secretsd: %v", err)
	}
}
