package server

import (
	"errors"
	"io"
	"math"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/archive"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

func (s *Server) unpack(c *call, r *agentv1.Unpack) {
	e, err := s.configured()
	if err == nil {
		err = checkPath(r.GetPath())
	}
	in := &dataReader{c: c}
	var u *unpacker
	if err == nil {
		u, err = newUnpacker(r.GetPath(), r.GetIgnoreOwners(), e.user)
	}
	if err == nil {
		err = u.all(in)
		u.close()
	}
	if err != nil {
		c.fail(fileError(r.GetPath(), err))
		c.gone() // the rest is only taken in, so that the caller gets to read the answer
		return
	}
	c.answer(&agentv1.Response{Entries: u.entries, SkippedAttributes: u.attributes}, nil)
}

// dataReader reads DATA frames up to the empty one.
type dataReader struct {
	c    *call
	rest []byte
	end  bool
}

// Read implements io.Reader.
func (r *dataReader) Read(b []byte) (int, error) {
	if len(r.rest) == 0 && !r.end {
		t, p, err := r.c.fr.Next()
		if err != nil || t != frame.Data {
			return 0, errStopped
		}
		r.rest, r.end = p, len(p) == 0
	}
	if r.end {
		return 0, io.EOF
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// unpacker writes the files of an archive below a directory, and nowhere else: the kernel resolves every path from there, and
// fails where a link leads out. Processes of the sandbox may change what is there meanwhile.
type unpacker struct {
	root  int
	fresh bool // root was made by this call
	owner user
	own   bool // everything is owner's

	dir     int // the directory of the last entry, opened; -1 at first
	dirName string
	times   []dirTime // of directories that entries may still go into, each below the one before
	buf     []byte
	entries int64

	last       *upload // the last entry, written but not in its place; nil where that is no file
	lastName   string
	attributes int64 // extended ones that are left out
}

func newUnpacker(name string, own bool, owner user) (*unpacker, error) {
	u := &unpacker{owner: owner, own: own, dir: -1, buf: make([]byte, frame.MaxChunk)}
	switch err := makeDirectory(name, 0o755, false, owner); {
	case err == nil:
		u.fresh = true
	case errors.Is(err, unix.ENOENT):
		if err := makeDirectory(name, 0o755, true, owner); err != nil {
			return nil, err
		}
		u.fresh = true
	}
	f, err := openDirectory(name) // which also says what was wrong above
	if err != nil {
		return nil, err
	}
	defer f.Close()
	u.root, err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	return u, err
}

func (u *unpacker) close() {
	_ = unix.Close(u.root)
	if u.last != nil {
		u.last.close()
	}
	if u.dir >= 0 {
		_ = unix.Close(u.dir)
	}
}

// all unpacks an archive. r tells at its end whether the archive came unharmed, and until then the last file is not in its
// place: so an archive of one file is unpacked whole or not at all.
func (u *unpacker) all(r io.Reader) error {
	in := archive.NewReader(r)
	for {
		e, err := in.Next()
		if errors.Is(err, io.EOF) {
			if _, err := io.Copy(io.Discard, r); err != nil { // what pads the archive
				return err
			}
			if err := u.commit(); err != nil {
				return err
			}
			u.leave("")
			return nil
		}
		if err == nil {
			err = u.commit()
		}
		if err != nil {
			return err
		}
		u.leave(e.Name)
		if err := u.entry(e, in); err != nil {
			return &below{e.Name, err}
		}
		u.entries++
	}
}

// commit puts the last file into its place.
func (u *unpacker) commit() error {
	if u.last == nil {
		return nil
	}
	err := u.last.commit()
	u.last.close()
	u.last = nil
	if err != nil {
		return &below{u.lastName, err}
	}
	return nil
}

func (u *unpacker) entry(e *archive.Entry, in io.Reader) error {
	if u.own {
		e.UID, e.GID = int(u.owner.uid), int(u.owner.gid)
	} else if max(e.UID, e.GID) > math.MaxUint16 || min(e.UID, e.GID) < 0 {
		return errdefs.New(errdefs.InvalidArgument, "ARCHIVE_INVALID", "%q belongs to %d:%d, and a sandbox has the ids 0 to 65535", e.Name, e.UID, e.GID)
	}
	if e.Kind == archive.Directory {
		return u.directory(e)
	}
	dir, err := u.enter(path.Dir(e.Name))
	if err != nil {
		return err
	}
	base := path.Base(e.Name)
	if err := mayReplace(dir, base); err != nil {
		return err
	}
	switch e.Kind {
	case archive.Regular:
		return u.file(dir, base, e, in)
	case archive.Symlink:
		return u.place(dir, base, e, func(temp string) error { return unix.Symlinkat(e.Link, dir, temp) })
	default:
		from, err := u.open(path.Dir(e.Link), unix.O_PATH|unix.O_DIRECTORY)
		if err != nil {
			return err
		}
		defer unix.Close(from)
		return u.place(dir, base, nil, func(temp string) error { return unix.Linkat(from, path.Base(e.Link), dir, temp, 0) })
	}
}

// mayReplace says why an entry can't take the place of what has its name.
func mayReplace(dir int, base string) error {
	var st unix.Stat_t
	err := unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case err != nil:
		return err
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return unix.EISDIR
	case st.Mode&unix.S_IFMT == unix.S_IFREG: // as upload.replaces has it
		return unix.Faccessat(dir, base, unix.W_OK, unix.AT_EACCESS|unix.AT_SYMLINK_NOFOLLOW)
	default:
		return nil
	}
}

func setTime(dir int, name string, t time.Time, flags int) error {
	ts, err := unix.TimeToTimespec(t)
	if err != nil {
		return errdefs.New(errdefs.InvalidArgument, "ARCHIVE_INVALID", "an entry's time is %v", err)
	}
	return unix.UtimesNanoAt(dir, name, []unix.Timespec{ts, ts}, flags)
}

// file writes one as WriteFile does: whole, beside what it replaces, whose place it takes with commit.
func (u *unpacker) file(dir int, base string, e *archive.Entry, in io.Reader) error {
	held, err := unix.FcntlInt(uintptr(dir), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	up := &upload{dir: held, name: base, temp: tempName(), uid: e.UID, gid: e.GID, mode: e.Mode}
	fd, err := unix.Openat(dir, up.temp, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil {
		_ = unix.Close(held)
		return err
	}
	up.f = os.NewFile(uintptr(fd), base)
	u.last, u.lastName = up, e.Name
	if _, err := archive.WriteSparse(up.f, in, u.buf); err != nil {
		return err
	}
	if err := u.setAttributes(up.f, e); err != nil {
		return err
	}
	return setTime(fd, "", e.ModTime, unix.AT_EMPTY_PATH)
}

func (u *unpacker) setAttributes(f *os.File, e *archive.Entry) error {
	left, err := archive.WriteAttributes(f, e.Attributes)
	u.attributes += left + e.OthersLeft
	return err
}

// place makes a link under a name of its own and then gives it that of what it replaces. A symbolic link gets owner and time.
func (u *unpacker) place(dir int, base string, e *archive.Entry, link func(temp string) error) error {
	temp := tempName()
	if err := link(temp); err != nil {
		return err
	}
	// Of two names of one file the kernel leaves both.
	defer unix.Unlinkat(dir, temp, 0) //nolint:errcheck // nearly always it is gone
	if e != nil {
		if err := unix.Fchownat(dir, temp, e.UID, e.GID, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
		if err := setTime(dir, temp, e.ModTime, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
	}
	return unix.Renameat(dir, temp, dir, base)
}
