package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/casemate/casemate/casemate/internal/local"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/errdefs"
)

// in copies into the sandbox.
func (c copying) in(ctx context.Context) error {
	if c.outside == "-" {
		return c.stdin(ctx)
	}
	f, err := os.Open(c.outside)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	target, err := c.targetInside(ctx)
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return c.upload(ctx, target, target, -1, func(w io.Writer) (local.Count, error) { return local.PackDirectory(w, c.outside) })
	case info.Mode().IsRegular():
		return c.uploadFile(ctx, f, info.Size(), target)
	default:
		return notRegular(c.outside, info.Mode())
	}
}

// targetInside is the new name in the sandbox.
func (c copying) targetInside(ctx context.Context) (string, error) {
	if contents(c.outside) {
		return c.inside, nil
	}
	into := strings.HasSuffix(c.inside, "/")
	if !into {
		there, err := c.sandbox.StatFile(ctx, c.inside, true)
		if err != nil && errdefs.ReasonOf(err) != "FILE_NOT_FOUND" {
			return "", err
		}
		into = there.GetType() == sandboxv1.FileType_FILE_TYPE_DIRECTORY
	}
	if !into {
		return c.inside, nil
	}
	whole, err := filepath.Abs(c.outside) // so that `..` has a name
	return path.Join(c.inside, filepath.Base(whole)), err
}

func (c copying) uploadFile(ctx context.Context, f *os.File, size int64, target string) error {
	dir, name := path.Split(target)
	if dir == "" {
		dir = "."
	}
	return c.upload(ctx, dir, target, size, func(w io.Writer) (local.Count, error) { return local.PackFile(w, f, name) })
}

// stdin copies what comes there. A file's size stands before it, so what has no end yet is kept in a file of its own first.
func (c copying) stdin(ctx context.Context) error {
	if c.archive {
		bar := c.progress(-1, "copying")
		defer bar.Close()
		_, err := c.sandbox.UploadArchive(ctx, c.inside, io.TeeReader(c.In, bar), casemate.UploadOptions{})
		return err
	}
	if strings.HasSuffix(c.inside, "/") {
		return usagef("what comes from stdin needs a name: SANDBOX:PATH must not end in /")
	}
	f, err := os.CreateTemp("", "casemate-cp-")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := errors.Join(os.Remove(f.Name()), f.Chmod(0o644)); err != nil { // the mode is that of the new file; this one has no name
		return err
	}
	size, err := io.Copy(f, c.In)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return c.uploadFile(ctx, f, size, c.inside)
}

// upload unpacks to dir what pack writes. size is that of the bytes, -1 where it is not known.
func (c copying) upload(ctx context.Context, dir, target string, size int64, pack func(io.Writer) (local.Count, error)) error {
	archive, packed := io.Pipe()
	var count local.Count
	var packErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		count, packErr = pack(packed)
		_ = packed.CloseWithError(packErr)
	}()
	bar := c.progress(size, "copying "+path.Base(target))
	defer bar.Close()
	up, err := c.sandbox.UploadArchive(ctx, dir, io.TeeReader(archive, bar), casemate.UploadOptions{IgnoreOwners: true})
	_ = archive.Close() // what sandboxd refused is not packed to its end
	<-done
	if err != nil {
		return err
	}
	bar.Close()
	count.Attributes += up.SkippedAttributes
	return c.report(count, base(c.sandbox.Name)+":"+target)
}
