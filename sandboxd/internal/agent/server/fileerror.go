package server

import (
	"errors"
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// below is an error about something in a directory, so that the whole path is known where the error is told.
type below struct {
	name string
	err  error
}

func (e *below) Error() string { return e.name + ": " + e.err.Error() }
func (e *below) Unwrap() error { return e.err }

// fullName adds to a path what the error says of where below it.
func fullName(name string, err error) string {
	for b := (*below)(nil); errors.As(err, &b); err = b.err {
		name = path.Join(name, b.name)
	}
	return name
}

func notDirectory(name string) error {
	return errdefs.New(errdefs.FailedPrecondition, "FILE_NOT_DIRECTORY", "%s is no directory", name).WithMetadata("filepath", name)
}

// maxDepth is how many directories a walk goes down: each costs it a descriptor.
const maxDepth = 256

func tooDeep(name string) error {
	return errdefs.New(errdefs.FailedPrecondition, "FILE_TOO_DEEP", "%s has directories more than %d deep in one another", name, maxDepth).
		WithMetadata("filepath", name)
}

// errShorter: what an archive's entry says of a file's length is no longer true.
var errShorter = errors.New("became shorter while it was read")

// fileError says what an error of a file call means. Errors that say so already stay as they are.
func fileError(name string, err error) error {
	if _, ok := errdefs.As(err); ok {
		return err
	}
	name = fullName(name, err)
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
	case errno == unix.EEXIST:
		kind, reason, text = errdefs.AlreadyExists, "FILE_EXISTS", "is there already"
	case errno == unix.ENOTEMPTY:
		reason, text = "DIRECTORY_NOT_EMPTY", "is a directory that is not empty"
	case errno == unix.EXDEV:
		reason, text = "FILE_CROSS_DEVICE", "can't be moved in one step: it is a directory of the image or on another file system, `mv` copies it"
	case errors.Is(err, errShorter):
		kind, reason, text = errdefs.Aborted, "FILE_CHANGED", errShorter.Error()
	case errno == unix.EROFS:
		reason, text = "FILE_READ_ONLY", "is on a file system that can only be read"
	case errno == unix.EACCES || errno == unix.EPERM:
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
