package image

import (
	"context"
	"fmt"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// Ensure returns an image and its unpacked layers: the one stored under the name, else it is pulled from its registry.
// Callers that want the same image at the same time share one pull, which goes on when a caller's ctx ends. The layers stay
// while the image has its name; for longer, see Hold.
//
// Errors: errdefs.NotFound (IMAGE_NOT_FOUND), IMAGE_PULL_FAILED, IMAGE_PLATFORM_MISMATCH, IMAGE_INVALID, IMAGE_TOO_LARGE.
func (s *Store) Ensure(ctx context.Context, name string) (Image, runtime.RootFS, error) {
	n, err := parseName(name)
	if err != nil {
		return Image{}, runtime.RootFS{}, err
	}
	if img, ok := s.lookup(n); ok {
		return img.Image, img.rootFS, nil
	}
	result := s.pulls.DoChan(n.full(), func() (any, error) {
		s.pulling.Add(1)
		defer s.pulling.Done()
		// One that was stored while this call was on its way here is as good.
		if img, ok := s.lookup(n); ok {
			return img, nil
		}
		ctx, cancel := context.WithTimeout(s.base, s.cfg.PullTimeout)
		defer cancel()
		return s.pull(ctx, n)
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return Image{}, runtime.RootFS{}, r.Err
		}
		img := r.Val.(stored)
		return img.Image, img.rootFS, nil
	case <-ctx.Done():
		return Image{}, runtime.RootFS{}, fmt.Errorf("waiting for the image %s: %w", n.short(), ctx.Err())
	}
}
