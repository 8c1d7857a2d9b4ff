package image

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	cerrdefs "github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// openContent opens the store of blobs in a directory that no other process has open.
func openContent(dir string) (content.Store, error) {
	// What a process was receiving when it was killed: nobody goes on with it.
	if err := os.RemoveAll(filepath.Join(dir, "ingest")); err != nil {
		return nil, err
	}
	// Collecting garbage fails where this is missing, as it is until the first blob was received whole: what came of it
	// before a failure would stay.
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o755); err != nil {
		return nil, err
	}
	return local.NewStore(dir)
}

// sweep collects all garbage, what a killed process left in the directories and nowhere in the database included. The
// collection looks at the directories when something was removed from the database; so something is put there for that.
func (s *Store) sweep(ctx context.Context) error {
	const key = "sweep"
	if _, err := s.snapshots.Prepare(ctx, key, ""); err != nil && !cerrdefs.IsAlreadyExists(err) {
		return fmt.Errorf("looking for layers that were left: %w", err)
	}
	if err := s.snapshots.Remove(ctx, key); err != nil {
		return fmt.Errorf("looking for layers that were left: %w", err)
	}
	blob := ocispec.Descriptor{Digest: digest.FromString(key), Size: int64(len(key))}
	if err := content.WriteBlob(ctx, s.content, key, strings.NewReader(key), blob); err != nil {
		return fmt.Errorf("looking for blobs that were left: %w", err)
	}
	if err := s.content.Delete(ctx, blob.Digest); err != nil {
		return fmt.Errorf("looking for blobs that were left: %w", err)
	}
	_, err := s.db.GarbageCollect(ctx)
	return err
}
