// Package local reads this machine's files into tar archives, and writes archives that nobody vouches for to this machine.
package local

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/casemate/casemate/pkg/archive"
)

// Count says what was packed or unpacked.
type Count struct {
	// Files are files and links; Directories are not among them.
	Files int64
	// Bytes are those of the files' contents.
	Bytes int64
	// Skipped are sockets, pipes and devices that were left out.
	Skipped int64
	// Attributes are extended ones that were left out: see archive.ReadAttributes.
	Attributes int64
}

// PackFile writes an archive of one file, under a name, to w.
func PackFile(w io.Writer, f *os.File, name string) (Count, error) {
	p := &packer{tar: tar.NewWriter(w)}
	err := p.file(f, name)
	return p.count, errors.Join(err, p.close(err))
}

// PackDirectory writes an archive of a directory with all that is in it to w. Names are relative to it; the directory itself
// is `./`. Symbolic links are kept, not followed.
func PackDirectory(w io.Writer, dir string) (Count, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Count{}, err
	}
	defer func() { _ = root.Close() }()
	p := &packer{tar: tar.NewWriter(w), links: map[fileID]string{}}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return p.entry(root, name, d)
	})
	return p.count, errors.Join(err, p.close(err))
}

type fileID struct{ dev, ino uint64 }

type packer struct {
	tar   *tar.Writer
	links map[fileID]string // the first name of files with several; nil where that does not matter
	count Count
}

// close ends the archive, but one that has an error does not get an end.
func (p *packer) close(err error) error {
	if err != nil {
		return nil
	}
	return p.tar.Close()
}

func (p *packer) entry(root *os.Root, name string, d fs.DirEntry) error {
	switch d.Type() {
	case fs.ModeDir, fs.ModeSymlink:
		info, err := d.Info()
		if err != nil {
			return err
		}
		target := ""
		if d.Type() == fs.ModeSymlink {
			if target, err = root.Readlink(name); err != nil {
				return err
			}
			p.count.Files++
		}
		h, err := header(info, name, target)
		if err != nil {
			return err
		}
		return p.tar.WriteHeader(h)
	case 0:
		f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
		if err != nil {
			return err
		}
		defer f.Close()
		return p.file(f, name)
	default:
		p.count.Skipped++
		return nil
	}
}

func header(info fs.FileInfo, name, target string) (*tar.Header, error) {
	h, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return nil, err
	}
	h.Name, h.Uname, h.Gname, h.Format = name, "", "", tar.FormatPAX // times to the nanosecond, names of any length
	if info.IsDir() {
		h.Name += "/"
	}
	return h, nil
}

func (p *packer) file(f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		p.count.Skipped++
		return nil
	}
	h, err := header(info, name, "")
	if err != nil {
		return err
	}
	p.count.Files++
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Nlink > 1 && p.links != nil {
		id := fileID{uint64(st.Dev), st.Ino} //nolint:unconvert // it is another type elsewhere
		if first, ok := p.links[id]; ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
			return p.tar.WriteHeader(h)
		}
		p.links[id] = name
	}
	attributes, left, err := archive.ReadAttributes(f)
	if err != nil {
		return err
	}
	p.count.Attributes += left
	archive.PutAttributes(h, attributes)
	if err := p.tar.WriteHeader(h); err != nil {
		return err
	}
	n, err := io.CopyN(p.tar, f, h.Size)
	p.count.Bytes += n
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s became shorter while it was read", f.Name())
	}
	return err
}
