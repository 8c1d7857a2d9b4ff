package agent

import (
	"context"
	"errors"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent/tunnel"
)

// Port is a connection to a program that listens in a sandbox.
type Port struct{ conn *conn }

// DialPort connects to a TCP port of the sandbox's. When ctx ends, the program's connection is reset. Errors: InvalidArgument;
// FailedPrecondition PORT_REFUSED; ResourceExhausted PORT_BUSY, FILE_LIMIT.
func (c *Client) DialPort(ctx context.Context, port int) (*Port, error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_DialPort{DialPort: &agentv1.DialPort{Port: uint32(port)}}})
	if err != nil {
		return nil, err
	}
	if _, err := conn.promptResponse(); err != nil {
		conn.close()
		return nil, err
	}
	return &Port{conn}, nil
}

// Carry carries bytes between the program and l, both ways, until both have ended, or the program has closed its socket; once. l's
// Read and Write may be under way when it returns. Errors: those of l's Read; Aborted PORT_RESET when the program cut the connection.
func (p *Port) Carry(l tunnel.Local) error {
	end := tunnel.End{
		Frames: p.conn.fr,
		Write: func(b []byte) error {
			p.conn.writing.Lock()
			defer p.conn.writing.Unlock()
			_, err := p.conn.nc.Write(b)
			return err
		},
		Response: func(b []byte) error {
			if _, err := decodeResponse(b); err != nil {
				return err
			}
			return lost(errors.New("the agent answered a connection to a port twice"))
		},
	}
	err := end.Run(l)
	if errors.Is(err, tunnel.ErrGone) || errors.Is(err, tunnel.ErrProtocol) {
		return p.conn.failed(err)
	}
	return err
}

// Close ends the connection; the program's is reset unless it has ended.
func (p *Port) Close() { p.conn.close() }
