package server

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

func (s *Server) writeFile(c *call, r *agentv1.WriteFile) {
	e, err := s.configured()
	if err == nil {
		err = checkPath(r.GetPath())
	}
	var up *upload
	if err == nil {
		up, err = newUpload(r.GetPath(), r.GetMode(), e.user)
	}
	if up != nil {
		defer up.close()
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
			_, err = up.f.Write(b)
		}
	}
	if err == nil {
		err = up.commit()
	}
	if err != nil {
		err = fileError(r.GetPath(), err)
	}
	c.answer(&agentv1.Response{}, err)
}

// upload is a file on its way in. It is written beside the file that it is going to replace, whole: whoever opens that one
// finds the old content or the new, and nothing else when the caller hangs up or the disk is full.
type upload struct {
	dir  int    // the directory, opened
	name string // in dir: what is replaced
	temp string // in dir: what is written; empty once it has taken its place
	f    *os.File

	uid, gid int
	mode     uint32
}

// tempName is a name that nobody else has.
func tempName() string {
	return ".casemate-" + strconv.FormatUint(rand.Uint64(), 36) //nolint:gosec // a name that is taken is an error, and no worse
}

// newUpload begins to write the file at name. An old file's owner stays, and its mode when mode is 0; a new one, and
// the directories that have to be made for it, belong to owner.
func newUpload(name string, mode uint32, owner user) (_ *upload, err error) {
	u := &upload{temp: tempName(), uid: int(owner.uid), gid: int(owner.gid), mode: 0o644}
	if u.dir, u.name, err = follow(name, owner); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = unix.Close(u.dir)
		}
	}()
	if err := u.replaces(); err != nil {
		return nil, err
	}
	if mode != 0 {
		u.mode = mode
	}
	fd, err := unix.Openat(u.dir, u.temp, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	u.f = os.NewFile(uintptr(fd), name)
	return u, nil
}

// replaces takes over what an old file's replacement must have of it.
func (u *upload) replaces() error {
	fd, err := unix.Openat(u.dir, u.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := checkRegular(fd); err != nil {
		return err
	}
	// One that may not be written may not be replaced either: its owner is none of the sandbox's users.
	if err := unix.Faccessat(u.dir, u.name, unix.W_OK, unix.AT_EACCESS|unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	u.uid, u.gid, u.mode = int(st.Uid), int(st.Gid), st.Mode&0o7777
	return nil
}

// commit puts the file in its place.
func (u *upload) commit() error {
	fd := int(u.f.Fd())
	if err := unix.Fchown(fd, u.uid, u.gid); err != nil {
		return err
	}
	if err := unix.Fchmod(fd, u.mode); err != nil {
		return err
	}
	if err := u.f.Close(); err != nil {
		return err
	}
	if err := unix.Renameat(u.dir, u.temp, u.dir, u.name); err != nil {
		return err
	}
	u.temp = ""
	return nil
}

// close frees everything, and removes what was not committed.
func (u *upload) close() {
	_ = u.f.Close()
	if u.temp != "" {
		_ = unix.Unlinkat(u.dir, u.temp, 0)
	}
	_ = unix.Close(u.dir)
}

// maxLinks is how many symbolic links a path may end in, one after the other: the kernel's own limit.
const maxLinks = 40

// follow finds out where a path leads: the directory, opened, and the name in it of what is no symbolic link, or not
// there. Directories that are missing in the path itself are made. It does not go through /proc; see openFile.
func follow(name string, owner user) (dir int, base string, err error) {
	dir = unix.AT_FDCWD
	defer func() {
		if err != nil {
			_ = unix.Close(dir)
		}
	}()
	for i := range maxLinks {
		parent, last := splitPath(name)
		if last == "" || last == "." || last == ".." {
			return dir, "", unix.EISDIR
		}
		if i == 0 {
			if err := makeDirs(parent, owner); err != nil {
				return dir, "", err
			}
		}
		next, err := unix.Openat2(dir, parent, &unix.OpenHow{
			Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS,
		})
		if err != nil {
			return dir, "", err
		}
		_ = unix.Close(dir) // which is no descriptor the first time, and no harm
		dir = next
		if name, err = readLink(dir, last); err != nil || name == "" {
			return dir, last, err
		}
	}
	return dir, "", unix.ELOOP
}

// readLink returns where a symbolic link points to, and "" for what is none.
func readLink(dir int, name string) (string, error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(dir, &fs); err != nil {
		return "", err
	}
	if fs.Type == unix.PROC_SUPER_MAGIC { // where a link may be more than its text
		return "", errNotRegular
	}
	b := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(dir, name, b)
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOENT):
		return "", nil
	case err != nil:
		return "", err
	}
	return string(b[:n]), nil
}

// splitPath cuts a path before its last name. It does not tidy it up: with links in it, `..` is not what the text says.
func splitPath(name string) (dir, last string) {
	i := strings.LastIndexByte(name, '/') + 1
	if i == 0 {
		return ".", name
	}
	return name[:i], name[i:]
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
	parent, _ := splitPath(strings.TrimRight(dir, "/"))
	if err := makeDirs(parent, owner); err != nil {
		return err
	}
	switch err := os.Mkdir(dir, 0o755); {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return os.Lchown(dir, int(owner.uid), int(owner.gid))
}
