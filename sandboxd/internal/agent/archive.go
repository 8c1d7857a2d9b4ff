package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// Pack gives the tar archive of a file or directory to send, piece by piece, each at most 32 KiB and valid for that call. It
// goes no faster than send does. skipped is how many sockets, pipes and devices are not in it. Errors: those of send, as
// ReadFile, and FailedPrecondition FILE_TOO_DEEP, Aborted FILE_CHANGED.
func (c *Client) Pack(ctx context.Context, path string, send func([]byte) error) (skipped int64, err error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Pack{Pack: &agentv1.Pack{Path: path}}})
	if err != nil {
		return 0, err
	}
	defer conn.close()
	if _, err := conn.promptResponse(); err != nil {
		return 0, err
	}
	for {
		t, b, err := conn.next()
		switch {
		case err != nil:
			return 0, err
		case t == frame.Response: // an error half-way
			if _, err := decodeResponse(b); err != nil {
				return 0, err
			}
			return 0, unexpected(t)
		case t != frame.Data:
			return 0, unexpected(t)
		case len(b) > frame.MaxChunk:
			return 0, lost(fmt.Errorf("the agent sent %d bytes of an archive at once", len(b)))
		case len(b) == 0:
			r, err := conn.promptResponse()
			return max(0, r.GetSkipped()), err
		}
		if err := send(b); err != nil {
			return 0, err
		}
	}
}

// Unpack writes the files of a tar archive below a directory, which is made where it is missing. It reads no faster than the
// sandbox writes. With ignoreOwners everything belongs to the configured user. entries is what the archive had. Errors: those
// of archive, as WriteFile, and InvalidArgument ARCHIVE_INVALID, ARCHIVE_UNSAFE; FailedPrecondition FILE_NOT_DIRECTORY. What
// was unpacked before an error stays.
func (c *Client) Unpack(ctx context.Context, path string, ignoreOwners bool, archive io.Reader) (entries int64, err error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Unpack{Unpack: &agentv1.Unpack{Path: path, IgnoreOwners: ignoreOwners}}})
	if err != nil {
		return 0, err
	}
	defer conn.close()
	type answer struct {
		r   *agentv1.Response
		err error
	}
	answered := make(chan answer, 1)
	go func() {
		r, err := conn.response()
		answered <- answer{r, err}
	}()
	b := make([]byte, 8*frame.MaxChunk)
	for {
		n, err := archive.Read(b)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		select {
		case a := <-answered: // before its time, so an error
			if a.err == nil {
				a.err = lost(errors.New("the agent answered before the archive's end"))
			}
			return 0, a.err
		default:
		}
		if n > 0 {
			if conn.write(frame.Data, b[:n]) != nil {
				break // the answer says why
			}
		}
		if err != nil {
			_ = conn.write(frame.Data, nil)
			break
		}
	}
	_ = conn.nc.SetReadDeadline(time.Now().Add(ReplyTimeout))
	a := <-answered
	return max(0, a.r.GetEntries()), a.err
}
