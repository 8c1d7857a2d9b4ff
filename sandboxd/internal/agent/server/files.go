package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

var errNotRegular = errors.New("not a regular file")

// openFile opens a regular file of the sandbox. It never waits, as opening a FIFO would. And it does not go through /proc:
// there, a path that a user chose would mean the agent's own memory, environment and descriptors.
func openFile(name string, flags int, mode uint32) (*os.File, error) {
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &unix.OpenHow{
		Flags: uint64(flags | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC),
		Mode:  uint64(mode), Resolve: unix.RESOLVE_NO_MAGICLINKS,
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
	if !path.IsAbs(r.GetPath()) {
		c.fail(errdefs.InvalidField("filepath", "%q is not an absolute path", r.GetPath()))
		return
	}
	f, err := openFile(r.GetPath(), unix.O_RDONLY, 0)
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
	for {
		n, err := f.Read(b[frame.HeaderSize:])
		if limit -= int64(n); limit < 0 {
			return errTooLarge
		}
		if n > 0 && c.output(frame.Data, b[:frame.HeaderSize+n]) != nil {
			return nil // the caller has gone
		}
		switch {
		case err == io.EOF:
			_ = c.output(frame.Data, b[:frame.HeaderSize])
			return nil
		case err != nil:
			return err
		}
	}
}

func (s *Server) writeFile(c *call, r *agentv1.WriteFile) {
	e, err := s.configured()
	if err == nil && !path.IsAbs(r.GetPath()) {
		err = errdefs.InvalidField("filepath", "%q is not an absolute path", r.GetPath())
	}
	var f *os.File
	if err == nil {
		f, err = createFile(r.GetPath(), r.GetMode(), e.user)
	}
	if f != nil {
		defer f.Close()
	}
	for {
		t, b, ferr := c.fr.Next()
		if ferr != nil || t != frame.Data {
			return
		}
		if len(b) == 0 {
			break
		}
		if err == nil { // after an error the rest is only taken in, so that the caller gets to read the answer
			_, err = f.Write(b)
		}
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		err = fileError(r.GetPath(), err)
	}
	c.answer(&agentv1.Response{}, err)
}

// createFile opens name for writing from the start. What has to be made belongs to owner.
func createFile(name string, mode uint32, owner user) (*os.File, error) {
	f, err := openFile(name, unix.O_WRONLY|unix.O_TRUNC, 0)
	made := errors.Is(err, unix.ENOENT)
	if made {
		if err := makeDirs(path.Dir(path.Clean(name)), owner); err != nil {
			return nil, err
		}
		f, err = openFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o600)
	}
	if err != nil {
		return nil, err
	}
	if made {
		if mode == 0 {
			mode = 0o644
		}
		err = f.Chown(int(owner.uid), int(owner.gid))
	}
	if err == nil && mode != 0 {
		err = unix.Fchmod(int(f.Fd()), mode)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// makeDirs makes dir and its missing parents, for owner.
func makeDirs(dir string, owner user) error {
	info, err := os.Stat(dir)
	if err == nil {
		if !info.IsDir() {
			return unix.ENOTDIR
		}
		return nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if parent := path.Dir(dir); parent != dir {
		if err := makeDirs(parent, owner); err != nil {
			return err
		}
	}
	switch err := os.Mkdir(dir, 0o755); {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return os.Lchown(dir, int(owner.uid), int(owner.gid))
}

func tooLarge(name string, size, limit int64) error {
	return errdefs.New(errdefs.OutOfRange, "FILE_TOO_LARGE", "%s is longer than %d bytes", name, limit).
		WithMetadata("filepath", name).
		WithMetadata("size_bytes", strconv.FormatInt(size, 10)).
		WithMetadata("max_size_bytes", strconv.FormatInt(limit, 10))
}

// fileError says what an error of a file call means. Errors that say so already stay as they are.
func fileError(name string, err error) error {
	if _, ok := errdefs.As(err); ok {
		return err
	}
	kind, reason, text := errdefs.FailedPrecondition, "FILE_IO_FAILED", "can't be read or written"
	var errno unix.Errno
	_ = errors.As(err, &errno)
	switch {
	case errors.Is(err, errNotRegular) || errno == unix.ENXIO || errno == unix.ELOOP || errno == unix.ENODEV:
		reason, text = "FILE_NOT_REGULAR", "is not a regular file"
	case errno == unix.ENOENT || errno == unix.ENOTDIR:
		kind, reason, text = errdefs.NotFound, "FILE_NOT_FOUND", "is not there"
	case errno == unix.EISDIR:
		reason, text = "FILE_IS_DIRECTORY", "is a directory"
	case errno == unix.EACCES || errno == unix.EPERM || errno == unix.EROFS:
		kind, reason, text = errdefs.PermissionDenied, "FILE_PERMISSION_DENIED", "may not be read or written"
	case errno == unix.ENOSPC || errno == unix.EDQUOT:
		kind, reason, text = errdefs.ResourceExhausted, "FILE_NO_SPACE", "does not fit on the disk"
	case errno == unix.ENAMETOOLONG:
		return errdefs.InvalidField("filepath", "is too long")
	default:
		text = fmt.Sprintf("%s: %v", text, err)
	}
	return errdefs.New(kind, reason, "%s %s", name, text).WithMetadata("filepath", name)
}
