package server

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// locate opens the directory that a path's last name is in, and returns that name, which may be a symbolic link's.
func locate(name string) (dir int, base string, err error) {
	if err := checkPath(name); err != nil {
		return -1, "", err
	}
	parent, base := splitPath(strings.TrimRight(name, "/"))
	if base == "" || base == "." || base == ".." {
		return -1, "", errdefs.InvalidField("filepath", "%q does not end in a name", name)
	}
	if dir, err = openPath(parent, unix.O_PATH|unix.O_DIRECTORY); err != nil {
		return -1, "", err
	}
	return dir, base, nil
}

func (s *Server) makeDirectory(r *agentv1.MakeDirectory) error {
	e, err := s.configured()
	if err != nil {
		return err
	}
	mode := r.GetMode()
	if mode == 0 {
		mode = 0o755
	}
	switch err := makeDirectory(r.GetPath(), mode, r.GetParents(), e.user); {
	case errors.Is(err, unix.ENOTDIR):
		parent, _ := splitPath(strings.TrimRight(r.GetPath(), "/"))
		return notDirectory(parent)
	case err != nil:
		return fileError(r.GetPath(), err)
	}
	return nil
}

func makeDirectory(name string, mode uint32, parents bool, owner user) error {
	if parents {
		if err := checkPath(name); err != nil {
			return err
		}
		parent, _ := splitPath(strings.TrimRight(name, "/"))
		if err := makeDirs(parent, owner); err != nil {
			return err
		}
	}
	dir, base, err := locate(name)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	err = unix.Mkdirat(dir, base, 0o700)
	if errors.Is(err, unix.EEXIST) && parents {
		if there, err := openDirectory(name); err == nil {
			return there.Close()
		}
	}
	if err != nil {
		return err
	}
	fd, err := openDirAt(dir, base)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return errors.Join(unix.Fchown(fd, int(owner.uid), int(owner.gid)), unix.Fchmod(fd, mode))
}

func (s *Server) removeFile(c *call, r *agentv1.RemoveFile) {
	rm := remover{until: time.Now().Add(removePatience)}
	go func() {
		c.gone()
		rm.stop.Store(true)
	}()
	err := rm.run(r.GetPath(), r.GetRecursive())
	if err != nil {
		err = fileError(r.GetPath(), err)
	}
	c.answer(&agentv1.Response{}, err)
}

// removePatience is how long a removal goes on taking what is added meanwhile. What is added later stays, or it would never end
// where somebody adds faster than it takes.
const removePatience = time.Second

// remover removes, until it is told to stop.
type remover struct {
	until time.Time // what is born later stays
	stop  atomic.Bool
}

// errStopped: nobody waits for the rest.
var errStopped = errors.New("the caller has gone")

func (rm *remover) run(name string, recursive bool) error {
	dir, base, err := locate(name)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	err = unix.Unlinkat(dir, base, 0)
	switch {
	case !errors.Is(err, unix.EISDIR):
		return err
	case recursive:
		return rm.directory(dir, base, name, 1)
	default:
		return unix.Unlinkat(dir, base, unix.AT_REMOVEDIR)
	}
}

// directory removes one with all that is in it. shown is its path, for people.
func (rm *remover) directory(dir int, name, shown string, depth int) error {
	if depth > maxDepth {
		return tooDeep(shown)
	}
	fd, err := openDirAt(dir, name)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	if err := checkNotProc(fd); err != nil {
		return err
	}
	// A directory that loses names while it is read may leave some out: so again, until there are none.
	for removed := 1; removed > 0; {
		if removed, err = rm.names(f, shown, depth); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	return unix.Unlinkat(dir, name, unix.AT_REMOVEDIR)
}

// names removes what one pass over a directory finds, and says how much that was.
func (rm *remover) names(f *os.File, shown string, depth int) (removed int, err error) {
	dir := int(f.Fd())
	for {
		names, readErr := f.Readdirnames(256)
		for _, name := range names {
			if rm.stop.Load() {
				return removed, errStopped
			}
			if rm.tooYoung(dir, name) {
				continue
			}
			err := unix.Unlinkat(dir, name, 0)
			if errors.Is(err, unix.EISDIR) {
				err = rm.directory(dir, name, shown+"/"+name, depth+1)
			}
			if err != nil && !errors.Is(err, unix.ENOENT) { // another may have been faster
				return removed, &below{name, err}
			}
			removed++
		}
		if errors.Is(readErr, io.EOF) {
			return removed, nil
		}
		if readErr != nil {
			return removed, readErr
		}
	}
}

// tooYoung says whether a file was made so late that it stays. Where the file system does not know when, none was.
func (rm *remover) tooYoung(dir int, name string) bool {
	if time.Now().Before(rm.until) {
		return false
	}
	var st unix.Statx_t
	err := unix.Statx(dir, name, unix.AT_SYMLINK_NOFOLLOW|unix.AT_STATX_DONT_SYNC, unix.STATX_BTIME, &st)
	return err == nil && st.Mask&unix.STATX_BTIME != 0 && time.Unix(st.Btime.Sec, int64(st.Btime.Nsec)).After(rm.until)
}

func (s *Server) moveFile(r *agentv1.MoveFile) error {
	from, oldBase, err := locate(r.GetPath())
	if err != nil {
		return fileError(r.GetPath(), err)
	}
	defer unix.Close(from)
	to, newBase, err := locate(r.GetNewPath())
	if err != nil {
		return fileError(r.GetNewPath(), err)
	}
	defer unix.Close(to)
	flags := uint(unix.RENAME_NOREPLACE)
	if r.GetOverwrite() {
		flags = 0
	}
	switch err := unix.Renameat2(from, oldBase, to, newBase, flags); {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL):
		return errdefs.InvalidField("new_path", "%s lies within %s", r.GetNewPath(), r.GetPath())
	case errors.Is(err, unix.ENOTDIR):
		return notDirectory(r.GetNewPath())
	case errors.Is(err, unix.EEXIST), errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOSPC):
		return fileError(r.GetNewPath(), err)
	default:
		return fileError(r.GetPath(), err)
	}
}
