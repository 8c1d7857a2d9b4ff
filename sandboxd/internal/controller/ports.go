package controller

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// ForwardPort connects to a TCP port inside a sandbox and has carry take the connection, which ends when carry returns, or ctx,
// sandboxd or the sandbox does. Errors: carry's, and before it FailedPrecondition (SANDBOX_NOT_RUNNING, PORT_REFUSED),
// PermissionDenied (SANDBOX_PRIVATE), ResourceExhausted (TOO_MANY_FORWARDS, PORT_BUSY, FILE_LIMIT), to be tried again; Unavailable
// (SANDBOXD_STOPPING) when Drain was called.
func (c *Controller) ForwardPort(ctx context.Context, caller identity.Caller, ref Ref, port int, carry func(*agent.Port) error) error {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return err
	}
	release, err := c.forwards.take(s.snapshot())
	if err != nil {
		return err
	}
	defer release()
	return s.explain(c.serving(ctx, func(ctx context.Context) error {
		conn, err := s.agent.DialPort(ctx, port)
		if err != nil {
			return tryAgain(err)
		}
		defer conn.Close()
		return carry(conn)
	}))
}
