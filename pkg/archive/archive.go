// Package archive reads tar archives that nobody vouches for: one that a sandbox sends, or one that a client sends into a
// sandbox. It looks at names, kinds and sizes; whoever writes the files sees to it that no link leads him elsewhere.
package archive

import (
	"archive/tar"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Kind says what an Entry is.
type Kind int

// The kinds. There are no others: devices, pipes and sockets are refused.
const (
	Regular Kind = iota
	Directory
	Symlink
	HardLink
)

// Entry is one entry of an archive.
type Entry struct {
	Kind Kind
	// Name is a relative path without `..`, `.`, empty parts or a slash at its end; "." is the directory that is unpacked to,
	// and a Directory always.
	Name string
	// Link is what a Symlink says, any text but an empty one; of a HardLink another file's Name.
	Link string
	// Mode has the permission bits, with set-user-id, set-group-id and sticky: at most 07777.
	Mode uint32
	// UID and GID are the owner's numbers.
	UID, GID int
	// Size of a Regular, in bytes.
	Size int64
	// ModTime is when the content was changed.
	ModTime time.Time
	// Attributes are the extended ones whose names begin with `user.`, of a Regular or a Directory. OthersLeft is how many more
	// the archive has: access lists, capabilities, anything else of the system's.
	Attributes map[string]string
	OthersLeft int64
}

// Reader reads an archive. Read reads the content of the Regular that Next returned last.
type Reader struct {
	src  source
	tar  *tar.Reader
	name string // of the entry, for errors
	out  int64  // bytes of content, of all entries
}

// source counts what comes, and keeps its reader's own error apart from what tar thinks of the bytes.
type source struct {
	r   io.Reader
	n   int64
	err error
}

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// NewReader returns a reader of the uncompressed archive in r. Errors of r pass as they are.
func NewReader(r io.Reader) *Reader {
	a := &Reader{src: source{r: r}}
	a.tar = tar.NewReader(&a.src)
	return a
}

// Next returns the next entry, io.EOF after the last. Errors, all of kind InvalidArgument: ARCHIVE_INVALID for what is no tar
// archive, or a part of one; ARCHIVE_UNSAFE, with metadata "entry", for a name that leads out of the directory it is unpacked
// to, and for a device, a pipe or anything else that is none of the kinds.
func (a *Reader) Next() (*Entry, error) {
	h, err := a.tar.Next()
	for err == nil && h.Typeflag == tar.TypeXGlobalHeader { // says something of all entries, nothing that counts here
		h, err = a.tar.Next()
	}
	if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // which clean finds too
		if errors.Is(err, io.EOF) && a.src.err == nil {
			return nil, io.EOF
		}
		return nil, a.explain(err)
	}
	e := &Entry{Mode: uint32(h.Mode & 0o7777), UID: h.Uid, GID: h.Gid, ModTime: h.ModTime}
	a.name = h.Name
	if e.Name, err = clean(h.Name); err != nil {
		return nil, err
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeRegA, tar.TypeCont, tar.TypeGNUSparse: //nolint:staticcheck // old archives have TypeRegA
		e.Kind, e.Size = Regular, h.Size
		e.Attributes, e.OthersLeft = attributes(h)
	case tar.TypeDir:
		e.Kind = Directory
		e.Attributes, e.OthersLeft = attributes(h)
	case tar.TypeSymlink:
		e.Kind, e.Link = Symlink, h.Linkname
		if e.Link == "" || strings.IndexByte(e.Link, 0) >= 0 {
			return nil, unsafe(h.Name, "is a link to nothing")
		}
	case tar.TypeLink:
		e.Kind = HardLink
		if e.Link, err = clean(h.Linkname); err != nil || e.Link == "." {
			return nil, unsafe(h.Name, "is a link that leads out of its directory")
		}
	default:
		return nil, unsafe(h.Name, "is neither a file, a directory nor a link")
	}
	if e.Name == "." && e.Kind != Directory {
		return nil, unsafe(h.Name, "has no name")
	}
	return e, nil
}

// Read implements io.Reader. An archive can't hold more than it has bytes: holes of sparse files, which cost the sender
// nothing and the receiver a disk, are ARCHIVE_INVALID.
func (a *Reader) Read(b []byte) (int, error) {
	n, err := a.tar.Read(b)
	if a.out += int64(n); a.out > a.src.n {
		return 0, invalid("%q is a sparse file", a.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = a.explain(err)
	}
	return n, err
}

func (a *Reader) explain(err error) error {
	if a.src.err != nil {
		return a.src.err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return invalid("the archive ends too early")
	}
	return invalid("this is no tar archive, or a damaged one: %v", err)
}

// clean returns a path of an archive without what says nothing.
func clean(name string) (string, error) {
	if strings.HasPrefix(name, "/") {
		return "", unsafe(name, "is an absolute path")
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == ".":
		case part == "..":
			return "", unsafe(name, "leads out of its directory")
		case strings.IndexByte(part, 0) >= 0:
			return "", unsafe(name, "has a NUL byte in its name")
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return ".", nil
	}
	return strings.Join(parts, "/"), nil
}

func unsafe(name, why string) error {
	return errdefs.New(errdefs.InvalidArgument, "ARCHIVE_UNSAFE", "the archive's entry %q %s", name, why).WithMetadata("entry", name)
}

// Unsafe is the error about an entry that leads out of the directory it is unpacked to.
func Unsafe(name string) error { return unsafe(name, "leads out of its directory") }

func invalid(format string, args ...any) error {
	return errdefs.New(errdefs.InvalidArgument, "ARCHIVE_INVALID", format, args...)
}
