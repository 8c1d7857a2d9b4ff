// Package wholefile writes files that are there whole or as before, whatever interrupts the writing, and reads those that are
// their owner's alone. It is for keys, and for what must survive the power.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxPrivate bounds a file that ReadPrivate reads, in bytes.
const maxPrivate = 1 << 20

// ReadPrivate reads a regular file that nobody but its owner may read or write; what says in an error what it is. It looks at
// the very file that it reads, whatever takes its place meanwhile. A missing file is fs.ErrNotExist.
func ReadPrivate(path, what string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the %s: %w", what, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the %s: %w", what, err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %v: the %s must be a file that only its owner can read: chmod 600 %s", path, info.Mode(), what, path)
	}
	return io.ReadAll(io.LimitReader(f, maxPrivate))
}

// Replace writes a file with a mode, and syncs it and its directory. It writes to a file of its own first, beside it and named
// path + ".new": one that somebody has left there is removed, and keeps what is written for nobody. A directory there is in the way.
func Replace(path string, content []byte, mode fs.FileMode) error {
	next := path + ".new"
	if err := syscall.Unlink(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "unlink", Path: next, Err: err}
	}
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return Move(next, path)
}

// Move renames a file within a directory, and syncs that.
func Move(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, fs.ErrInvalid) {
		err = nil // some file systems can't sync a directory
	}
	return errors.Join(err, dir.Close())
}
