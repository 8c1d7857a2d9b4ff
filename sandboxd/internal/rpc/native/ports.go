package native

import (
	"bytes"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

type portStream = grpc.BidiStreamingServer[sandboxv1.ForwardPortRequest, sandboxv1.ForwardPortResponse]

// ForwardPort implements the rpc.
func (s *service) ForwardPort(stream portStream) error {
	ctx := stream.Context()
	start, err := receiveFirst(stream, "start", (*sandboxv1.ForwardPortRequest).GetStart)
	if err != nil {
		return err
	}
	caller, ref, err := target(ctx, "start.name", start.GetName())
	if err != nil {
		return err
	}
	return s.core.ForwardPort(ctx, caller, ref, int(start.GetPort()), func(port *agent.Port) error {
		connected := &sandboxv1.ForwardPortResponse_Connected{Connected: &sandboxv1.ForwardPortConnected{}}
		if err := stream.Send(&sandboxv1.ForwardPortResponse{Message: connected}); err != nil {
			return err
		}
		return port.Carry(&portClient{stream: stream})
	})
}

// portClient is the client of a connection to a port: what it sends is read, what is written it gets.
type portClient struct {
	stream portStream
	rest   []byte
}

// Read implements tunnel.Local. Half-closing the stream is io.EOF already.
func (c *portClient) Read(b []byte) (int, error) {
	for len(c.rest) == 0 {
		req, err := c.stream.Recv()
		if err != nil {
			return 0, err
		}
		m, ok := req.GetMessage().(*sandboxv1.ForwardPortRequest_Data)
		if !ok {
			return 0, errdefs.InvalidField("message", "must be `data` after the first one")
		}
		c.rest = m.Data
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write implements tunnel.Local. It waits while the client does not read.
func (c *portClient) Write(b []byte) (int, error) {
	for n := 0; n < len(b); {
		piece := b[n:min(len(b), n+maxPortData)]
		// The message is the stream's from here on, which may wipe it.
		if err := c.stream.Send(&sandboxv1.ForwardPortResponse{Message: &sandboxv1.ForwardPortResponse_Data{Data: bytes.Clone(piece)}}); err != nil {
			return n, err
		}
		n += len(piece)
	}
	return len(b), nil
}

// maxPortData is the most bytes of a connection in one message to a client.
const maxPortData = 32 << 10

// CloseWrite implements tunnel.Local.
func (c *portClient) CloseWrite() error {
	return c.stream.Send(&sandboxv1.ForwardPortResponse{Message: &sandboxv1.ForwardPortResponse_End{End: &sandboxv1.ForwardPortEnd{}}})
}
