package server

import (
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// openPath opens a path of the user's. As openFile does, it stays out of /proc.
func openPath(name string, flags uint64) (int, error) {
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS})
	if err != nil {
		return -1, err
	}
	if err := checkNotProc(fd); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func checkNotProc(fd int) error {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return err
	}
	if fs.Type == unix.PROC_SUPER_MAGIC {
		return errNotRegular
	}
	return nil
}

// openDirectory opens a directory to read it.
func openDirectory(name string) (*os.File, error) {
	fd, err := openPath(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if errors.Is(err, unix.ENOTDIR) { // which can also be said of what lies above it
		if other, err := openPath(name, unix.O_PATH); err == nil {
			_ = unix.Close(other)
			return nil, notDirectory(name)
		}
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openDirAt opens the directory that has the name base in dir. A link is none, wherever it leads: ENOTDIR. O_NOFOLLOW would say
// so too, but the sentry follows a link that is to be a directory.
func openDirAt(dir int, base string) (int, error) {
	fd, err := unix.Openat2(dir, base, &unix.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS})
	if errors.Is(err, unix.ELOOP) {
		err = unix.ENOTDIR
	}
	return fd, err
}

func (s *Server) statFile(c *call, r *agentv1.StatFile) {
	info, err := stat(r.GetPath(), r.GetFollowLink())
	if err != nil {
		c.fail(fileError(r.GetPath(), err))
		return
	}
	c.answer(&agentv1.Response{Files: []*agentv1.FileInfo{info}}, nil)
}

func stat(name string, follow bool) (*agentv1.FileInfo, error) {
	if err := checkPath(name); err != nil {
		return nil, err
	}
	flags := uint64(unix.O_PATH)
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := openPath(name, flags)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	return fileInfo(path.Base(name), &st, fd, "")
}

// fileInfo says what st says; a link's text is read from name in dir, or from dir itself where name is empty.
func fileInfo(shown string, st *unix.Stat_t, dir int, name string) (*agentv1.FileInfo, error) {
	info := &agentv1.FileInfo{
		Name: []byte(shown), Mode: st.Mode, Size: st.Size, Uid: st.Uid, Gid: st.Gid, ModifyTimeUnixNs: st.Mtim.Nano(),
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK {
		return info, nil
	}
	target, err := linkText(dir, name)
	info.LinkTarget = []byte(target)
	return info, err
}

func linkText(dir int, name string) (string, error) {
	b := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(dir, name, b)
	if err != nil {
		return "", err
	}
	return string(b[:n]), nil
}

const (
	// maxListed bounds the files of one page, and with them the memory that listing takes, however full the directory is.
	maxListed = 1000
	// maxPage is how long a page may become, in bytes, before it ends early.
	maxPage = 512 << 10
)

func (s *Server) listDirectory(c *call, r *agentv1.ListDirectory) {
	resp, err := list(r)
	if err != nil {
		c.fail(fileError(r.GetPath(), err))
		return
	}
	c.answer(resp, nil)
}

func list(r *agentv1.ListDirectory) (*agentv1.Response, error) {
	if err := checkPath(r.GetPath()); err != nil {
		return nil, err
	}
	if r.GetLimit() < 1 || r.GetLimit() > maxListed {
		return nil, errdefs.InvalidField("limit", "%d is not 1 to %d", r.GetLimit(), maxListed)
	}
	f, err := openDirectory(r.GetPath())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, more, err := firstNames(f, string(r.GetAfter()), int(r.GetLimit()))
	if err != nil {
		return nil, err
	}
	resp := &agentv1.Response{}
	dir, size := int(f.Fd()), 0
	for i, name := range names {
		var info *agentv1.FileInfo
		err := again(func() error {
			var st unix.Stat_t
			err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
			if err == nil {
				info, err = fileInfo(name, &st, dir, name)
			}
			return err
		})
		if errors.Is(err, unix.ENOENT) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, &below{name, err}
		}
		resp.Files = append(resp.Files, info)
		if size += len(name) + len(info.GetLinkTarget()) + 64; size > maxPage {
			more = more || i < len(names)-1
			names = names[:i+1]
			break
		}
	}
	if more {
		resp.Next = []byte(names[len(names)-1])
	}
	return resp, nil
}

// firstNames returns the first n names of a directory that sort after another, and whether there are more of them.
func firstNames(f *os.File, after string, n int) (names []string, more bool, err error) {
	trim := func() {
		slices.Sort(names)
		if len(names) > n {
			names, more = names[:n], true
		}
	}
	for {
		batch, err := f.Readdirnames(256)
		for _, name := range batch {
			if name > after {
				names = append(names, strings.Clone(name))
			}
		}
		if len(names) > 2*n+256 {
			trim()
		}
		if errors.Is(err, io.EOF) {
			trim()
			return names, more, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
}
