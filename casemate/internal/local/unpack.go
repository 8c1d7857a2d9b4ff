package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/archive"
)

// Unpacker writes archives from sandboxes below a directory of this machine. A sandbox may be hostile, so: no entry and no link
// leads out of the directory, nothing passes through a symbolic link, what becomes a file gets permission bits and no others,
// and everything belongs to whoever runs this. Each file is written beside what it replaces, and takes its place whole.
type Unpacker struct {
	Root *os.Root
	// Warn is told of links that were left out, since they lead elsewhere.
	Warn func(string)

	count Count
	open  []madeDir // directories that entries may still go into, each below the one before
	buf   []byte
}

func (u *Unpacker) buffer() []byte {
	if u.buf == nil {
		u.buf = make([]byte, 256<<10)
	}
	return u.buf
}

// madeDir is a directory that gets its mode and time once nothing more is written there: a mode may forbid it.
type madeDir struct {
	name string
	mode fs.FileMode
	time time.Time
}

// Directory unpacks an archive. What was unpacked before an error stays.
func (u *Unpacker) Directory(r io.Reader) (Count, error) {
	in := archive.NewReader(r)
	for {
		e, err := in.Next()
		if errors.Is(err, io.EOF) {
			if _, err := io.Copy(io.Discard, r); err != nil { // what pads the archive, and whether it came whole
				return u.count, err
			}
			return u.count, u.leave("")
		}
		if err == nil {
			err = u.leave(e.Name)
		}
		if err == nil {
			err = u.entry(e, in)
		}
		if err != nil {
			return u.count, err
		}
	}
}

// File unpacks an archive of one file, to a name of ours.
func (u *Unpacker) File(r io.Reader, name string) (Count, error) {
	in := archive.NewReader(r)
	e, err := in.Next()
	if err == nil && e.Kind != archive.Regular {
		err = fmt.Errorf("the sandbox sent %q, which is no regular file", e.Name)
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the sandbox sent no file")
	}
	if err != nil {
		return u.count, err
	}
	err = u.file(name, e, in, func() error {
		if _, err := in.Next(); !errors.Is(err, io.EOF) {
			return errors.Join(errors.New("the sandbox sent more than one file"), err)
		}
		_, err := io.Copy(io.Discard, r)
		return err
	})
	return u.count, err
}

func (u *Unpacker) entry(e *archive.Entry, in io.Reader) error {
	if e.Name == "." {
		return nil // it is the user's own
	}
	if err := u.parents(path.Dir(e.Name)); err != nil {
		return err
	}
	switch e.Kind {
	case archive.Directory:
		return u.directory(e)
	case archive.Regular:
		return u.file(e.Name, e, in, func() error { return nil })
	case archive.Symlink:
		return u.symlink(e.Name, e.Link)
	default:
		return u.hardLink(e.Name, e.Link)
	}
}

func (u *Unpacker) symlink(name, target string) error {
	if !staysInside(name, target) {
		u.Warn(fmt.Sprintf("the link %q was left out: it leads out of the directory, to %q", name, target))
		return nil
	}
	return u.link(name, func(temp string) error { return u.Root.Symlink(target, temp) })
}

// hardLink gives a file another name. One of a symbolic link is made anew: in its new place it leads elsewhere.
func (u *Unpacker) hardLink(name, other string) error {
	if err := u.noLinks(path.Dir(other)); err != nil {
		return err
	}
	info, err := u.Root.Lstat(other)
	if err != nil {
		return err
	}
	if info.Mode().Type() == fs.ModeSymlink {
		target, err := u.Root.Readlink(other)
		if err != nil {
			return err
		}
		return u.symlink(name, target)
	}
	return u.link(name, func(temp string) error { return u.Root.Link(other, temp) })
}

// staysInside says whether a link, wherever other links of its kind lead, stays below the root: it goes up first, no higher
// than that, and then only down. Since nothing is written through a link, the link's directory is where its name says.
func staysInside(name, target string) bool {
	if strings.HasPrefix(target, "/") {
		return false
	}
	up, down := 0, false
	for part := range strings.SplitSeq(target, "/") {
		switch part {
		case "", ".":
		case "..":
			if down {
				return false
			}
			up++
		default:
			down = true
		}
	}
	return up <= strings.Count(name, "/")
}

// noLinks fails where a path passes through, or is, something else than a directory.
func (u *Unpacker) noLinks(dir string) error {
	if dir == "." {
		return nil
	}
	if err := u.noLinks(path.Dir(dir)); err != nil {
		return err
	}
	info, err := u.Root.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%q is in the way: it is no directory", dir)
	}
	return nil
}

// parents makes sure that a directory is there, and that the way to it is made of directories.
func (u *Unpacker) parents(dir string) error {
	if len(u.open) > 0 && u.open[len(u.open)-1].name == dir {
		return nil
	}
	if err := u.noLinks(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := u.parents(path.Dir(dir)); err != nil {
		return err
	}
	if err := u.Root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return u.noLinks(dir)
}

// directory makes one. One that is there stays as it is.
func (u *Unpacker) directory(e *archive.Entry) error {
	err := u.Root.Mkdir(e.Name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return u.noLinks(e.Name)
	}
	if err == nil {
		u.open = append(u.open, madeDir{e.Name, fs.FileMode(e.Mode & 0o777), e.ModTime})
	}
	return err
}

// leave finishes the directories that the next entry is not in.
func (u *Unpacker) leave(next string) error {
	for len(u.open) > 0 {
		last := u.open[len(u.open)-1]
		if strings.HasPrefix(next, last.name+"/") {
			return nil
		}
		u.open = u.open[:len(u.open)-1]
		if err := errors.Join(u.Root.Chtimes(last.name, last.time, last.time), u.Root.Chmod(last.name, last.mode)); err != nil {
			return err
		}
	}
	return nil
}

// file writes one. whole is asked before it takes its place.
func (u *Unpacker) file(name string, e *archive.Entry, in io.Reader, whole func() error) error {
	return u.link(name, func(temp string) error {
		f, err := u.Root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		n, err := archive.WriteSparse(f, in, u.buffer())
		u.count.Bytes += n
		if err != nil {
			return err
		}
		if err := u.attributes(f, e); err != nil {
			return err
		}
		if err := whole(); err != nil {
			return err
		}
		if err := f.Chmod(fs.FileMode(e.Mode & 0o777)); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		return u.Root.Chtimes(temp, e.ModTime, e.ModTime)
	})
}

// fileSystems are what file systems for users without rights name attributes by that stand for owners, modes and directories:
// a set-user-id bit, which is dropped, would come back by them.
var fileSystems = []string{"user.overlay.", "user.fuseoverlayfs.", "user.containers."}

// attributes gives a file those of its entry's that mean nothing to this machine.
func (u *Unpacker) attributes(f *os.File, e *archive.Entry) error {
	for name := range e.Attributes {
		if slices.ContainsFunc(fileSystems, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			delete(e.Attributes, name)
			u.count.Attributes++
		}
	}
	left, err := archive.WriteAttributes(f, e.Attributes)
	u.count.Attributes += left + e.OthersLeft
	return err
}

// link has something made under a name of its own, and gives it the one of what it replaces, which is no directory.
func (u *Unpacker) link(name string, make func(temp string) error) error {
	temp := path.Join(path.Dir(name), ".casemate-"+strconv.FormatUint(rand.Uint64(), 36)) //nolint:gosec // a name that is taken is an error, and no worse
	defer u.Root.Remove(temp)                                                             //nolint:errcheck // mostly it is gone
	if err := make(temp); err != nil {
		return err
	}
	if info, err := u.Root.Lstat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%q is in the way: it is a directory", name)
	}
	u.count.Files++
	return u.Root.Rename(temp, name)
}
