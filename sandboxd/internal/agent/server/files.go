package server

import (
	"errors"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

var errNotRegular = errors.New("not a regular file")

func checkPath(name string) error {
	switch {
	case !path.IsAbs(name):
		return errdefs.InvalidField("filepath", "%q is not an absolute path", name)
	case strings.IndexByte(name, 0) >= 0:
		return errdefs.InvalidField("filepath", "%q has a NUL byte", name)
	}
	return nil
}

// openFile opens a regular file of the sandbox to read it. It never waits, as opening a FIFO would. And it does not go through
// /proc: there, a path that a user chose would mean the agent's own memory, environment and descriptors.
func openFile(name string) (*os.File, error) {
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return nil, err
	}
	if err := checkRegular(fd); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	_ = unix.SetNonblock(fd, false)
	return os.NewFile(uintptr(fd), name), nil
}

func checkRegular(fd int) error {
	var st unix.Stat_t
	var fs unix.Statfs_t
	if err := errors.Join(unix.Fstat(fd, &st), unix.Fstatfs(fd, &fs)); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return unix.EISDIR
	case st.Mode&unix.S_IFMT != unix.S_IFREG, fs.Type == unix.PROC_SUPER_MAGIC:
		return errNotRegular
	}
	return nil
}

func (s *Server) readFile(c *call, r *agentv1.ReadFile) {
	if err := checkPath(r.GetPath()); err != nil {
		c.fail(err)
		return
	}
	f, err := openFile(r.GetPath())
	if err != nil {
		c.fail(fileError(r.GetPath(), err))
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		c.fail(fileError(r.GetPath(), err))
		return
	}
	if info.Size() > r.GetMaxBytes() {
		c.fail(tooLarge(r.GetPath(), info.Size(), r.GetMaxBytes()))
		return
	}
	c.answer(&agentv1.Response{}, nil)
	if err := sendFile(c, f, r.GetMaxBytes()); errors.Is(err, errTooLarge) {
		c.fail(tooLarge(r.GetPath(), r.GetMaxBytes()+1, r.GetMaxBytes()))
	} else if err != nil {
		c.fail(fileError(r.GetPath(), err))
	}
}

// errTooLarge: a file grew while it was read, or is one whose size is not known before.
var errTooLarge = errors.New("file is too large")

func sendFile(c *call, f *os.File, limit int64) error {
	b := make([]byte, frame.HeaderSize+frame.MaxChunk)
	write, end := c.stream(frame.Data, false)
	for {
		n, err := f.Read(b[frame.HeaderSize:])
		if limit -= int64(n); limit < 0 {
			return errTooLarge
		}
		if n > 0 && write(b[:frame.HeaderSize+n]) != nil {
			return nil // the caller has gone
		}
		switch {
		case err == io.EOF:
			_ = end()
			_ = c.output(frame.Data, b[:frame.HeaderSize])
			return nil
		case err != nil:
			return err
		}
	}
}

func tooLarge(name string, size, limit int64) error {
	return errdefs.New(errdefs.OutOfRange, "FILE_TOO_LARGE", "%s is longer than %d bytes", name, limit).
		WithMetadata("filepath", name).
		WithMetadata("size_bytes", strconv.FormatInt(size, 10)).
		WithMetadata("max_size_bytes", strconv.FormatInt(limit, 10))
}
