package image

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/snapshots"
	cerrdefs "github.com/containerd/errdefs"
)

// Collect removes the layers of images that no name stands for any more, except those with a digest in inUse: the images
// of the sandboxes that there are. Call it while no sandbox is being made, such as before the first call is served: an
// image that Ensure has just returned and that lost its name since is not in inUse yet.
func (s *Store) Collect(ctx context.Context, inUse []string) error {
	ctx = s.context(ctx)
	kept := slices.Clone(inUse)
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	for _, img := range all {
		kept = append(kept, img.Digest)
	}
	var unused []string
	err = s.snapshots.Walk(ctx, func(_ context.Context, info snapshots.Info) error {
		digest, pin := strings.CutPrefix(info.Name, pinPrefix)
		if pin && !slices.Contains(kept, digest) {
			unused = append(unused, info.Name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking for unused layers: %w", err)
	}
	for _, key := range unused {
		if err := s.snapshots.Remove(ctx, key); err != nil && !cerrdefs.IsNotFound(err) {
			return fmt.Errorf("removing unused layers: %w", err)
		}
	}
	_, err = s.db.GarbageCollect(ctx)
	return err
}
