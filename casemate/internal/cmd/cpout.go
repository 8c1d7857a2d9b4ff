package cmd

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/casemate/casemate/casemate/internal/local"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/archive"
)

// out copies out of the sandbox.
func (c copying) out(ctx context.Context) error {
	source, err := c.sandbox.StatFile(ctx, c.inside, true)
	if err != nil {
		return err
	}
	directory := source.GetType() == sandboxv1.FileType_FILE_TYPE_DIRECTORY
	if c.outside == "-" && !c.archive && directory {
		return usagef("%s is a directory: name a target, or --archive for a tar archive on stdout", c.inside)
	}
	download, err := c.sandbox.DownloadArchive(ctx, c.inside)
	if err != nil {
		return err
	}
	defer func() { _ = download.Close() }()
	size := int64(-1)
	if !directory {
		size = source.GetSizeBytes()
	}
	bar := c.progress(size, "copying "+baseName(c.inside))
	defer bar.Close()
	in := io.TeeReader(download, bar)
	switch {
	case c.outside == "-" && c.archive:
		_, err := io.Copy(c.Out, in)
		return err
	case c.outside == "-":
		return c.stdout(in)
	}
	target, count, err := c.unpack(in, directory)
	if err != nil {
		return err
	}
	bar.Close()
	count.Skipped = download.Skipped()
	count.Attributes += download.SkippedAttributes()
	return c.report(count, target)
}

// stdout writes a file's content there.
func (c copying) stdout(in io.Reader) error {
	r := archive.NewReader(in)
	switch e, err := r.Next(); {
	case errors.Is(err, io.EOF) || err == nil && e.Kind != archive.Regular:
		return errors.New("the sandbox sent no regular file")
	case err != nil:
		return err
	}
	if _, err := io.Copy(c.Out, r); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, in) // whether it came whole
	return err
}

// unpack writes an archive to the target, which it returns.
func (c copying) unpack(in io.Reader, directory bool) (target string, n local.Count, err error) {
	target = c.outside
	if name := baseName(c.inside); name != "" && !contents(c.inside) && (strings.HasSuffix(target, "/") || isDirectory(target)) {
		target = filepath.Join(target, name)
	}
	dir := target
	if directory {
		if err := os.Mkdir(target, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", n, err
		}
	} else {
		// What the user's own link leads to is what the user means.
		if real, err := filepath.EvalSymlinks(target); err == nil {
			target = real
		}
		if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
			return "", n, notRegular(target, info.Mode())
		}
		dir = filepath.Dir(target)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", n, err
	}
	defer func() { _ = root.Close() }()
	u := &local.Unpacker{Root: root, Warn: c.warn}
	if directory {
		n, err = u.Directory(in)
	} else {
		n, err = u.File(in, filepath.Base(target))
	}
	return target, n, err
}
