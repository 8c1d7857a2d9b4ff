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

// ArchiveCount says what was packed or unpacked.
type ArchiveCount struct {
	// Entries is how many an unpacked archive had.
	Entries int64
	// SkippedFiles are sockets, pipes and devices that are not in a packed one.
	SkippedFiles int64
	// SkippedAttributes are extended attributes that were left out: the system's, too long ones, those that the file system
	// has no place for.
	SkippedAttributes int64
}

func archiveCount(r *agentv1.Response) ArchiveCount {
	return ArchiveCount{Entries: max(0, r.GetEntries()), SkippedFiles: max(0, r.GetSkipped()), SkippedAttributes: max(0, r.GetSkippedAttributes())}
}

// Pack gives the tar archive of a file or directory to send, piece by piece, each at most 32 KiB and valid for that call. It
// goes no faster than send does. Errors: those of send, as ReadFile, and FailedPrecondition FILE_TOO_DEEP, Aborted
// FILE_CHANGED.
func (c *Client) Pack(ctx context.Context, path string, send func([]byte) error) (ArchiveCount, error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Pack{Pack: &agentv1.Pack{Path: path}}})
	if err != nil {
		return ArchiveCount{}, err
	}
	defer conn.close()
	if _, err := conn.promptResponse(); err != nil {
		return ArchiveCount{}, err
	}
	for {
		t, b, err := conn.next()
		switch {
		case err != nil:
			return ArchiveCount{}, err
		case t == frame.Response: // an error half-way
			if _, err := decodeResponse(b); err != nil {
				return ArchiveCount{}, err
			}
			return ArchiveCount{}, unexpected(t)
		case t != frame.Data:
			return ArchiveCount{}, unexpected(t)
		case len(b) > frame.MaxChunk:
			return ArchiveCount{}, lost(fmt.Errorf("the agent sent %d bytes of an archive at once", len(b)))
		case len(b) == 0:
			r, err := conn.promptResponse()
			return archiveCount(r), err
		}
		if err := send(b); err != nil {
			return ArchiveCount{}, err
		}
	}
}

// Unpack writes the files of a tar archive below a directory, which is made where it is missing. It reads no faster than the
// sandbox writes. With ignoreOwners everything belongs to the configured user. Errors: those of archive, as WriteFile, and
// InvalidArgument ARCHIVE_INVALID, ARCHIVE_UNSAFE; FailedPrecondition FILE_NOT_DIRECTORY. What was unpacked before an error
// stays, but for the last file, which takes its place at the archive's end.
func (c *Client) Unpack(ctx context.Context, path string, ignoreOwners bool, archive io.Reader) (ArchiveCount, error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Unpack{Unpack: &agentv1.Unpack{Path: path, IgnoreOwners: ignoreOwners}}})
	if err != nil {
		return ArchiveCount{}, err
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
			return ArchiveCount{}, err
		}
		select {
		case a := <-answered: // before its time, so an error
			if a.err == nil {
				a.err = lost(errors.New("the agent answered before the archive's end"))
			}
			return ArchiveCount{}, a.err
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
	return archiveCount(a.r), a.err
}
