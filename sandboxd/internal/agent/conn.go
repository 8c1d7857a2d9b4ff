package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// conn is the connection of one call. It is closed when the call's context ends.
type conn struct {
	ctx  context.Context
	stop func() bool
	nc   net.Conn
	fr   *frame.Reader

	writing sync.Mutex // frames are written whole
}

func (c *Client) open(ctx context.Context, req *agentv1.Request) (*conn, error) {
	nc, err := c.dial(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("connect to the agent: %w", context.Cause(ctx))
		}
		return nil, lost(err)
	}
	conn := &conn{ctx: ctx, nc: nc, fr: frame.NewReader(nc)}
	conn.stop = context.AfterFunc(ctx, func() { _ = nc.Close() })
	// The timeout is for an agent that was stopped in its tracks: it would not read.
	_ = nc.SetWriteDeadline(time.Now().Add(ReplyTimeout))
	if err := frame.WriteMessage(nc, frame.Request, req); err != nil {
		conn.close()
		if errors.Is(err, frame.ErrTooLarge) {
			return nil, errdefs.New(errdefs.InvalidArgument, "REQUEST_TOO_LARGE", "the request is longer than 1 MiB")
		}
		if errors.Is(err, frame.ErrNotText) {
			return nil, errdefs.New(errdefs.InvalidArgument, "INVALID_ARGUMENT", "the request has a name or an argument that is not UTF-8")
		}
		return nil, conn.failed(err)
	}
	_ = nc.SetWriteDeadline(time.Time{})
	return conn, nil
}

func (c *conn) close() {
	c.stop()
	_ = c.nc.Close()
}

// response reads a RESPONSE frame and returns its error as an errdefs.Error.
func (c *conn) response() (*agentv1.Response, error) {
	t, b, err := c.next()
	if err != nil {
		return nil, err
	}
	if t != frame.Response {
		return nil, unexpected(t)
	}
	return decodeResponse(b)
}

// promptResponse is response for an answer that must come at once.
func (c *conn) promptResponse() (*agentv1.Response, error) {
	_ = c.nc.SetReadDeadline(time.Now().Add(ReplyTimeout))
	r, err := c.response()
	_ = c.nc.SetReadDeadline(time.Time{})
	return r, err
}

func (c *conn) next() (frame.Type, []byte, error) {
	t, b, err := c.fr.Next()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // our own callers take io.EOF for a good end
	}
	if err != nil {
		return 0, nil, c.failed(err)
	}
	return t, b, nil
}

// fileTimeout is how long n bytes of a file may take: an agent can't draw it out by sending, or taking, one now and then.
func fileTimeout(n int64) time.Duration { return ReplyTimeout + time.Duration(n>>20)*time.Second }

func (c *conn) write(t frame.Type, payload []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := frame.Write(c.nc, t, payload); err != nil {
		return c.failed(err)
	}
	return nil
}

func (c *conn) writeMessage(t frame.Type, m proto.Message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := frame.WriteMessage(c.nc, t, m); err != nil {
		return c.failed(err)
	}
	return nil
}

// failed says why reading or writing failed: because the caller gave up, or because the agent is gone.
func (c *conn) failed(err error) error {
	if c.ctx.Err() != nil {
		return fmt.Errorf("call the agent: %w", context.Cause(c.ctx))
	}
	return lost(err)
}

func lost(err error) error {
	return errdefs.New(errdefs.Unavailable, "SANDBOX_LOST", "the sandbox's agent is gone").WithCause(err)
}

func unexpected(t frame.Type) error {
	return lost(fmt.Errorf("the agent sent a frame of type %d where none was expected", t))
}

func decodeResponse(b []byte) (*agentv1.Response, error) {
	var r agentv1.Response
	if err := unmarshal(b, &r, maxResponseParts); err != nil {
		return nil, lost(fmt.Errorf("the agent's answer can't be decoded: %w", err))
	}
	if e := r.GetError(); e != nil {
		return nil, decodeError(e)
	}
	return &r, nil
}

// maxResponseParts is more fields, repeated ones counted one by one, than any answer of ours has: a page is of 1000 files at most.
const maxResponseParts = 4096

// unmarshal decodes b into m, unless it has more than most fields: each, be it two bytes, would become a message of a hundred.
func unmarshal(b []byte, m proto.Message, most int) error {
	parts := 0
	for rest := b; len(rest) > 0; parts++ {
		if parts == most {
			return fmt.Errorf("it has more than %d parts", most)
		}
		_, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			return protowire.ParseError(n)
		}
		rest = rest[n:]
	}
	return proto.Unmarshal(b, m)
}

// unknownCall is an agent's word for a call that it does not know. Agents say so since the first release, and go on saying it:
// sandboxes outlive sandboxd, so a newer sandboxd meets agents of every release before it.
const unknownCall = "MALFORMED_REQUEST"

func outdated() error {
	return errdefs.New(errdefs.FailedPrecondition, "AGENT_OUTDATED",
		"this sandbox was made before sandboxd was upgraded, and what is in it can't do this; a new sandbox can")
}

// maxErrorText is how much of an agent's error message reaches people.
const maxErrorText = 1024

// decodeError turns an agent's error into ours. Only kinds that say something of the caller's request pass; a sandbox
// must not be able to make sandboxd answer "internal error" or "unauthenticated".
func decodeError(e *agentv1.Error) error {
	kind := errdefs.Kind(min(e.GetKind(), 1<<10))
	switch kind {
	case errdefs.InvalidArgument, errdefs.NotFound, errdefs.AlreadyExists, errdefs.PermissionDenied, errdefs.FailedPrecondition,
		errdefs.ResourceExhausted, errdefs.Aborted, errdefs.OutOfRange:
	default:
		return lost(fmt.Errorf("the agent answered with an error of kind %d", e.GetKind()))
	}
	if e.GetReason() == unknownCall && strings.HasSuffix(e.GetMessage(), "of an unknown kind") {
		return outdated()
	}
	if !isReason(e.GetReason()) {
		return lost(errors.New("the agent answered with an error without a reason"))
	}
	err := errdefs.New(kind, e.GetReason(), "%s", printable(e.GetMessage()))
	for k, v := range e.GetMetadata() {
		if len(err.Metadata) < 8 {
			err = err.WithMetadata(printable(k), printable(v))
		}
	}
	return err
}

func isReason(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// printable cuts s to a sane length and takes control characters out of it, which could play tricks on a terminal.
func printable(s string) string {
	if len(s) > maxErrorText {
		s = s[:maxErrorText]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
