package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/diff"
	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/pkg/archive"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
	"github.com/moby/sys/userns"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"
)

// applier writes layers into their directories with containerd's archive package. It is used in place of containerd's
// own applier, which mounts the first layer of each image and knows no limit.
type applier struct {
	content content.Provider
	name    imageName
	limit   int64
	firstID int // see Config
	// left is what the image's layers may still unpack to, in bytes.
	left atomic.Int64
}

func newApplier(c content.Provider, name imageName, limit int64, firstID int) *applier {
	a := &applier{content: c, name: name, limit: limit, firstID: firstID}
	a.left.Store(limit)
	return a
}

// blockBytes is what the smallest file takes on disk, its inode included.
const blockBytes = 4096

// Apply implements diff.Applier: it unpacks a layer, and returns the descriptor of its uncompressed tar.
func (a *applier) Apply(ctx context.Context, desc ocispec.Descriptor, mounts []mount.Mount, _ ...diff.ApplyOpt) (ocispec.Descriptor, error) {
	dir, opts, err := target(mounts)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	blob, err := a.content.ReaderAt(ctx, desc)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	defer blob.Close()
	layer, err := compression.DecompressStream(content.NewReader(blob))
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	defer layer.Close()
	digester := digest.Canonical.Digester()
	// The tar's own bytes are bounded too: a reader skips what is not in any file. A tar of tiny files is larger than
	// what it is charged for by entry, but never by this much.
	r := &limitedReader{r: io.TeeReader(layer, digester.Hash()), left: 2*a.limit + 1<<20, err: tooLarge(a.name, a.limit)}
	size := r.left
	if _, err := archive.Apply(ctx, dir, r, append(opts, archive.WithFilter(a.admit))...); err != nil {
		return ocispec.Descriptor{}, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return ocispec.Descriptor{}, err
	}
	// The database that is about to say that the layer is there is synced. Without this, the machine's loss of power could leave
	// it with files that are empty.
	if err := syncfs(dir); err != nil {
		return ocispec.Descriptor{}, err
	}
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: digester.Digest(), Size: size - r.left}, nil
}

// syncfs writes everything of dir's file system to the disk: one call, where there may be thousands of files.
func syncfs(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("writing a layer to the disk: %w", err)
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("writing a layer to the disk: %w", err)
	}
	return nil
}

// admit is asked before an entry of a layer is written. It charges the entry's size, as its header has it: sparse files
// are larger than what is in the tar of them.
func (a *applier) admit(h *tar.Header) (bool, error) {
	if a.left.Add(-h.Size-blockBytes) < 0 {
		return false, tooLarge(a.name, a.limit)
	}
	// Overlayfs believes these attributes of a layer. They are the snapshotter's to set, not the image's.
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "SCHILY.xattr.trusted.overlay.") || strings.HasPrefix(key, "SCHILY.xattr.user.overlay.") {
			delete(h.PAXRecords, key)
		}
	}
	h.Uid, h.Gid = h.Uid+a.firstID, h.Gid+a.firstID
	return true, nil
}

// target finds the directory to unpack a layer into, from the mount that the overlay snapshotter suggests for it: a bind
// mount for the first layer, an overlay for all above it.
func target(mounts []mount.Mount) (dir string, opts []archive.ApplyOpt, err error) {
	if len(mounts) != 1 {
		return "", nil, errors.New("the snapshotter asks for more than one mount")
	}
	m := mounts[0]
	if m.Type == "bind" {
		return m.Source, nil, nil
	}
	upper, ok := mountOption(m, "upperdir")
	if !ok {
		return "", nil, fmt.Errorf("the snapshotter asks for a mount of type %s without a directory to write to", m.Type)
	}
	lower, _ := mountOption(m, "lowerdir")
	return upper, []archive.ApplyOpt{
		archive.WithConvertWhiteout(convertWhiteout),
		archive.WithParents(strings.Split(lower, ":")),
	}, nil
}

// convertWhiteout is containerd's conversion, which marks a directory as opaque by an attribute that the host's root alone may set. In a
// user namespace overlayfs takes another one for it.
func convertWhiteout(h *tar.Header, path string) (bool, error) {
	if filepath.Base(h.Name) == ".wh..wh..opq" && userns.RunningInUserNS() {
		return false, unix.Setxattr(filepath.Dir(path), "user.overlay.opaque", []byte{'y'}, 0)
	}
	return archive.OverlayConvertWhiteout(h, path)
}

// limitedReader reads at most left bytes, then fails with err.
type limitedReader struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, l.err
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
