package casemate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// archiveChunk is how much of an archive goes in one message.
const archiveChunk = 256 << 10

// ErrDamaged says that an archive ended early, or is not what the sandbox sent.
var ErrDamaged = errors.New("the archive was damaged on its way")

// Download is an archive that comes from a sandbox. Read it to io.EOF, which it gives only where all of it came and its SHA-256
// is right, or Close it. It is not safe for several goroutines.
type Download struct {
	call   sandboxv1.SandboxService_DownloadArchiveClient
	cancel context.CancelFunc
	rest   []byte
	sum    hash.Hash
	size   int64
	end    *sandboxv1.DownloadArchiveEnd
	err    error
}

// DownloadArchive begins to stream a file, or a directory with all that is in it, as an uncompressed tar archive of any size.
// A directory's entries are named below it, a file's by its last name. It comes no faster than it is read. The archive is the
// sandbox's word: unpack it as one from a stranger. Reasons, of the first Read: those of ReadFile but FILE_TOO_LARGE, and
// FILE_TOO_DEEP, FILE_CHANGED.
func (s *Sandbox) DownloadArchive(ctx context.Context, path string) (*Download, error) {
	ctx, cancel := context.WithCancel(ctx)
	call, err := s.api.DownloadArchive(ctx, &sandboxv1.DownloadArchiveRequest{Name: s.Name, Path: path})
	if err != nil {
		cancel()
		return nil, err
	}
	return &Download{call: call, cancel: cancel, sum: sha256.New()}, nil
}

// Read implements io.Reader.
func (d *Download) Read(b []byte) (int, error) {
	for len(d.rest) == 0 && d.err == nil {
		d.receive()
	}
	if len(d.rest) == 0 {
		return 0, d.err
	}
	n := copy(b, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func (d *Download) receive() {
	msg, err := d.call.Recv()
	switch {
	case errors.Is(err, io.EOF) && (d.end == nil || d.end.GetSizeBytes() != d.size || !bytes.Equal(d.end.GetSha256(), d.sum.Sum(nil))):
		d.err = ErrDamaged
	case err != nil:
		d.err = err
	case msg.GetEnd() != nil:
		d.end = msg.GetEnd()
	default:
		d.rest = msg.GetData()
		d.size += int64(len(d.rest))
		_, _ = d.sum.Write(d.rest)
	}
}

// Skipped is how many sockets, pipes and devices are not in the archive, once it was read to its end.
func (d *Download) Skipped() int64 { return d.end.GetSkippedFiles() }

// SkippedAttributes is how many extended attributes are not in the archive, once it was read to its end: all but the user's
// own (`user.*`), and what is above 256 KiB of one file.
func (d *Download) SkippedAttributes() int64 { return d.end.GetSkippedAttributes() }

// Close ends the call.
func (d *Download) Close() error {
	d.cancel()
	return nil
}

// UploadOptions say how an archive is unpacked. The zero value keeps the owners that it names, by number.
type UploadOptions struct {
	// IgnoreOwners gives everything to the sandbox's user.
	IgnoreOwners bool
}

// Upload says what was unpacked.
type Upload struct {
	// Entries is how many files, directories and links the archive had.
	Entries int64
	// SkippedAttributes is how many extended attributes were left out: all but the user's own (`user.*`), and those that the
	// file system has no place for.
	SkippedAttributes int64
}

// UploadArchive unpacks an uncompressed tar archive of any size below a directory, which is made where it is missing. Files
// that are there are replaced, each whole; what was unpacked before an error stays, but for the last file, which takes its
// place when all has come unharmed. Reasons: those of WriteFile, and ARCHIVE_INVALID, ARCHIVE_UNSAFE,
// ARCHIVE_CHECKSUM_MISMATCH, FILE_NOT_DIRECTORY. An error of archive is returned as it is.
func (s *Sandbox) UploadArchive(ctx context.Context, dir string, archive io.Reader, o UploadOptions) (Upload, error) {
	ctx, cancel := context.WithCancel(ctx) // an archive that can't be read to its end must not look as if it had one
	defer cancel()
	call, err := s.api.UploadArchive(ctx)
	if err != nil {
		return Upload{}, err
	}
	start := &sandboxv1.UploadArchiveStart{Name: s.Name, Path: dir, IgnoreOwners: o.IgnoreOwners}
	if err := sendArchive(call, start, archive); err != nil && !errors.Is(err, errAnswered) {
		return Upload{}, err
	}
	resp, err := call.CloseAndRecv()
	return Upload{Entries: resp.GetEntries(), SkippedAttributes: resp.GetSkippedAttributes()}, err
}

// errAnswered: sandboxd has ended the call, and its answer says why.
var errAnswered = errors.New("answered")

func sendArchive(call sandboxv1.SandboxService_UploadArchiveClient, start *sandboxv1.UploadArchiveStart, archive io.Reader) error {
	send := func(m *sandboxv1.UploadArchiveRequest) error {
		err := call.Send(m)
		if errors.Is(err, io.EOF) {
			return errAnswered
		}
		return err
	}
	if err := send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Start{Start: start}}); err != nil {
		return err
	}
	sum, buf := sha256.New(), make([]byte, archiveChunk)
	for {
		n, readErr := archive.Read(buf)
		if n > 0 {
			_, _ = sum.Write(buf[:n])
			// Send has encoded the message when it returns, so buf may be used again.
			if err := send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Data{Data: buf[:n]}}); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_End{End: &sandboxv1.UploadArchiveEnd{Sha256: sum.Sum(nil)}}})
		}
		if readErr != nil {
			return readErr
		}
	}
}
