package server

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/archive"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

func (s *Server) pack(c *call, r *agentv1.Pack) {
	name := r.GetPath()
	info, err := stat(name, true)
	var f *os.File
	if err == nil {
		if info.GetMode()&unix.S_IFMT == unix.S_IFDIR {
			f, err = openDirectory(name)
		} else {
			f, err = openFile(name)
		}
	}
	if err != nil {
		c.fail(fileError(name, err))
		return
	}
	defer f.Close()
	c.answer(&agentv1.Response{}, nil)
	out := &dataWriter{c: c, b: make([]byte, frame.HeaderSize, frame.HeaderSize+frame.MaxChunk)}
	p := &packer{tar: tar.NewWriter(out), buf: make([]byte, frame.MaxChunk), links: map[fileID]string{}}
	if info.GetMode()&unix.S_IFMT == unix.S_IFDIR {
		err = p.directory(f, ".", name, 1)
	} else {
		err = p.content(f, path.Base(name))
	}
	if err == nil {
		err = errors.Join(p.tar.Close(), out.end())
	}
	switch {
	case out.gone:
	case err != nil:
		c.fail(fileError(name, err))
	default:
		c.answer(&agentv1.Response{Skipped: p.skipped, SkippedAttributes: p.attributes}, nil)
	}
}

// dataWriter writes DATA frames. It waits while the caller does not read.
type dataWriter struct {
	c    *call
	b    []byte // a frame that is being filled
	gone bool   // the caller is
}

// Write implements io.Writer.
func (w *dataWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), cap(w.b)-len(w.b))
		w.b = append(w.b, rest[:n]...)
		rest = rest[n:]
		if len(w.b) == cap(w.b) {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (w *dataWriter) flush() error {
	err := w.c.output(frame.Data, w.b)
	w.b = w.b[:frame.HeaderSize]
	w.gone = w.gone || err != nil
	return err
}

// end sends what is left, and the empty frame.
func (w *dataWriter) end() error {
	if len(w.b) > frame.HeaderSize {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return w.flush()
}

// packer writes files to an archive. It holds no more than one file's piece, the open directories, and the names of some
// files that have several.
type packer struct {
	tar     *tar.Writer
	buf     []byte
	links   map[fileID]string // the name in the archive of files with several
	skipped int64

	attributes int64 // extended ones that are left out
}

type fileID struct{ dev, ino uint64 }

// maxRemembered bounds links. What goes beyond it is in the archive once for each of its names.
const maxRemembered = 1 << 16

func header(st *unix.Stat_t, name string) *tar.Header {
	return &tar.Header{
		Name: name, Mode: int64(st.Mode & 0o7777), Uid: int(st.Uid), Gid: int(st.Gid), ModTime: time.Unix(st.Mtim.Unix()),
		Format: tar.FormatPAX, // times to the nanosecond, names and sizes of any length
	}
}

// directory packs one with all that is in it. name is that in the archive, shown the path, for people.
func (p *packer) directory(f *os.File, name, shown string, depth int) error {
	if depth > maxDepth {
		return tooDeep(shown)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	h := header(&st, name+"/")
	h.Typeflag = tar.TypeDir
	if kernel, err := isKernels(int(f.Fd())); err != nil || kernel {
		return errors.Join(err, p.tar.WriteHeader(h))
	}
	if err := p.header(h, f); err != nil {
		return err
	}
	for {
		names, err := f.Readdirnames(256)
		for _, base := range names {
			if err := p.entry(f, base, path.Join(name, base), shown+"/"+base, depth); err != nil {
				return &below{base, err}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// header writes that of an opened file or directory, with its extended attributes.
func (p *packer) header(h *tar.Header, f *os.File) error {
	attributes, left, err := archive.ReadAttributes(f)
	if err != nil {
		return err
	}
	p.attributes += left
	archive.PutAttributes(h, attributes)
	return p.tar.WriteHeader(h)
}

// isKernels says whether a directory has the kernel's own files, which are no data, and whose sizes are not true.
func isKernels(fd int) (bool, error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return false, err
	}
	switch fs.Type {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC:
		return true, nil
	default:
		return false, nil
	}
}

// entry packs what has the name base in dir. What is no longer there is left out.
func (p *packer) entry(dir *os.File, base, name, shown string, depth int) error {
	var e found
	err := again(func() (err error) { e, err = look(int(dir.Fd()), base); return err })
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case err != nil:
		return err
	case e.file != nil:
		defer e.file.Close()
		if e.st.Mode&unix.S_IFMT == unix.S_IFDIR {
			return p.directory(e.file, name, shown, depth+1)
		}
		return p.content(e.file, name)
	case e.st.Mode&unix.S_IFMT == unix.S_IFLNK:
		h := header(&e.st, name)
		h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		return p.tar.WriteHeader(h)
	default:
		p.skipped++
		return nil
	}
}

// found is what has a name in a directory.
type found struct {
	st   unix.Stat_t
	file *os.File // a directory or regular file, opened; nil for all others
	link string   // a symbolic link's text
}

// look finds out what has the name base in dir. An error that again knows says that it became something else meanwhile.
func look(dir int, base string) (found, error) {
	var e found
	if err := unix.Fstatat(dir, base, &e.st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return e, err
	}
	var fd int
	var err error
	switch e.st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		fd, err = openDirAt(dir, base)
	case unix.S_IFREG:
		fd, err = unix.Openat(dir, base, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	case unix.S_IFLNK:
		e.link, err = linkText(dir, base)
		return e, err
	default:
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.file = os.NewFile(uintptr(fd), base)
	if err := unix.Fstat(fd, &e.st); err != nil {
		_ = e.file.Close()
		return e, err
	}
	return e, nil
}

// again does what another process's renames can make fail: what was a link a moment ago is a directory, or the other way
// round. A sandbox can go on with that for ever, so it is done some times and no more.
func again(do func() error) (err error) {
	for range 100 {
		if err = do(); !errors.Is(err, unix.ELOOP) && !errors.Is(err, unix.ENOTDIR) && !errors.Is(err, unix.EINVAL) {
			return err
		}
	}
	return err
}

// content packs an opened file.
func (p *packer) content(f *os.File, name string) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	switch err := checkRegular(int(f.Fd())); {
	case errors.Is(err, errNotRegular): // it took a file's place, or is the kernel's
		p.skipped++
		return nil
	case err != nil:
		return err
	}
	h := header(&st, name)
	h.Typeflag, h.Size = tar.TypeReg, st.Size
	if st.Nlink > 1 {
		id := fileID{st.Dev, st.Ino}
		if first, ok := p.links[id]; ok {
			h.Typeflag, h.Size, h.Linkname = tar.TypeLink, 0, first
			return p.tar.WriteHeader(h)
		}
		if len(p.links) < maxRemembered {
			p.links[id] = name
		}
	}
	if err := p.header(h, f); err != nil {
		return err
	}
	n, err := io.CopyBuffer(p.tar, io.LimitReader(f, st.Size), p.buf) // what is added meanwhile is not in it
	if err == nil && n < st.Size {
		return errShorter
	}
	return err
}
