package image

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/snapshots"
	cerrdefs "github.com/containerd/errdefs"
)

// Hold keeps the layers of every image that Ensure returns from now on, until release is called. Who makes a sandbox
// holds images until Collect's inUse tells of that sandbox.
func (s *Store) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	since := s.clock
	s.holds[since] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.holds, since)
	}
}

// Collect removes the layers of images that no name stands for any more, except those that somebody may be about to use,
// see Hold, and those with a digest that inUse returns: the images of the sandboxes that there are. It may be called at
// any time. inUse is called once, and must not call the store.
func (s *Store) Collect(ctx context.Context, inUse func() []string) error {
	ctx = s.context(ctx)
	unused, err := s.unpin(ctx, inUse)
	if err != nil {
		return fmt.Errorf("removing unused layers: %w", err)
	}
	if !unused {
		return nil
	}
	_, err = s.db.GarbageCollect(ctx)
	return err
}

// unpin removes the pins of unused images, and tells whether there were any.
func (s *Store) unpin(ctx context.Context, inUse func() []string) (any bool, err error) {
	s.naming.Lock()
	defer s.naming.Unlock()
	// First who holds images, then who uses them: whoever lets go in between is among the users.
	kept := s.named()
	kept = append(kept, inUse()...)
	var unused []string
	err = s.snapshots.Walk(ctx, func(_ context.Context, info snapshots.Info) error {
		digest, pin := strings.CutPrefix(info.Name, pinPrefix)
		if pin && !slices.Contains(kept, digest) {
			unused = append(unused, digest)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, digest := range unused {
		if err := s.snapshots.Remove(ctx, pinPrefix+digest); err != nil && !cerrdefs.IsNotFound(err) {
			return true, err
		}
		s.mu.Lock()
		delete(s.unnamed, digest)
		s.mu.Unlock()
	}
	return len(unused) > 0, nil
}

// named returns the digests of the images that have a name, or lost it while somebody who still holds images could get
// them by it.
func (s *Store) named() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []string
	for _, img := range s.names {
		all = append(all, img.Digest)
	}
	oldest := s.clock + 1
	for since := range s.holds {
		oldest = min(oldest, since)
	}
	for digest, when := range s.unnamed {
		if when > oldest {
			all = append(all, digest)
		}
	}
	return all
}
