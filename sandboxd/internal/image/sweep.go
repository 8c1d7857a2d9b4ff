package image

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	cerrdefs "github.com/containerd/errdefs"
	"github.com/containerd/log"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// openContent opens the store of blobs in a directory that no other process has open.
func openContent(dir string) (content.Store, error) {
	// What a process was receiving when it was killed: nobody goes on with it.
	if err := os.RemoveAll(filepath.Join(dir, "ingest")); err != nil {
		return nil, err
	}
	// It says on standard error, past every logger that it is given, that a file system has no fs-verity: no fault.
	log.L.Logger.SetOutput(io.Discard)
	return local.NewStore(dir)
}

// sweep collects all garbage, what a killed process left in the directories and nowhere in the database included. The
// collection looks at the directories only when it removes something from the database, and fails when there never was a
// blob; so a snapshot and a blob are made for it to remove.
func (s *Store) sweep(ctx context.Context) error {
	const key = "sweep"
	if _, err := s.snapshots.Prepare(ctx, key, ""); err != nil && !cerrdefs.IsAlreadyExists(err) {
		return fmt.Errorf("looking for layers that were left: %w", err)
	}
	blob := ocispec.Descriptor{Digest: digest.FromString(key), Size: int64(len(key))}
	if err := content.WriteBlob(ctx, s.content, key, strings.NewReader(key), blob); err != nil {
		return fmt.Errorf("looking for blobs that were left: %w", err)
	}
	_, err := s.db.GarbageCollect(ctx)
	return err
}
