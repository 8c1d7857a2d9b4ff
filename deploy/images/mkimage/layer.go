package main

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"os"
	"path"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// normalize copies a tar of a root file system so that it does not depend on when it was built: an entry modified at or
// after since was made by the build, and gets the time of the newest entry that came from a package, which is returned.
// The packages' own times stay as they are: Python's byte code names the time of its source, and is ignored when that
// differs. Device nodes are left out, since every runtime mounts its own /dev.
func normalize(src, dst string, since time.Time) (newest time.Time, err error) {
	newest = time.Unix(0, 0).UTC()
	err = eachEntry(src, func(h *tar.Header, _ io.Reader) error {
		if h.ModTime.Before(since) && h.ModTime.After(newest) {
			newest = h.ModTime.Truncate(time.Second).UTC()
		}
		return nil
	})
	if err != nil {
		return newest, err
	}
	f, err := os.Create(dst)
	if err != nil {
		return newest, err
	}
	defer f.Close()
	buf := bufio.NewWriterSize(f, 1<<20)
	w := tar.NewWriter(buf)
	err = eachEntry(src, func(h *tar.Header, r io.Reader) error {
		if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
			return nil
		}
		dir := h.Typeflag == tar.TypeDir
		h.Name, h.Format = path.Clean(h.Name), tar.FormatUnknown
		if dir {
			h.Name += "/"
		}
		if h.Typeflag == tar.TypeLink {
			h.Linkname = path.Clean(h.Linkname)
		}
		h.Uname, h.Gname = "", ""
		h.AccessTime, h.ChangeTime = time.Time{}, time.Time{}
		h.ModTime = h.ModTime.Truncate(time.Second)
		if !h.ModTime.Before(since) {
			h.ModTime = newest
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		_, err := io.Copy(w, r)
		return err
	})
	return newest, errors.Join(err, w.Close(), buf.Flush(), f.Close())
}

// eachEntry calls f for every entry of a tar file.
func eachEntry(file string, f func(*tar.Header, io.Reader) error) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	r := tar.NewReader(in)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(h, r); err != nil {
			return err
		}
	}
}

// tarLayer is a layer stored uncompressed: the archive is read on the machine it is made on, where decompressing costs
// more than reading.
type tarLayer struct {
	path   string
	digest v1.Hash
	size   int64
}

func newTarLayer(path string) (*tarLayer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	digest, size, err := v1.SHA256(f)
	if err != nil {
		return nil, err
	}
	return &tarLayer{path: path, digest: digest, size: size}, nil
}

func (l *tarLayer) Digest() (v1.Hash, error)             { return l.digest, nil }
func (l *tarLayer) DiffID() (v1.Hash, error)             { return l.digest, nil }
func (l *tarLayer) Size() (int64, error)                 { return l.size, nil }
func (l *tarLayer) MediaType() (types.MediaType, error)  { return types.OCIUncompressedLayer, nil }
func (l *tarLayer) Compressed() (io.ReadCloser, error)   { return os.Open(l.path) }
func (l *tarLayer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.path) }
