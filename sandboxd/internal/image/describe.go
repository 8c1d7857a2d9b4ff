package image

import (
	"context"
	"slices"

	"github.com/containerd/containerd/v2/core/images"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Describe returns what Ensure does of an image, without its layers: nothing of them is fetched, and what is not stored is not
// stored after that either. It is for sandboxes that get their image elsewhere. The layers themselves are not looked at: whether
// they can be unpacked, those find out who do it.
//
// Errors: those of Ensure.
func (s *Store) Describe(ctx context.Context, name string) (Image, error) {
	n, err := parseName(name)
	if err != nil {
		return Image{}, err
	}
	if img, ok := s.lookup(n); ok {
		return img.Image, nil
	}
	if err := s.mayAsk(n); err != nil {
		return Image{}, err
	}
	ctx, cancel := context.WithTimeout(s.context(ctx), s.cfg.PullTimeout)
	defer cancel()
	ctx, release, err := s.lease(ctx)
	if err != nil {
		return Image{}, err
	}
	defer release()
	img, err := s.describe(ctx, n)
	if err != nil {
		return Image{}, pullError(n, err)
	}
	return img, nil
}

func (s *Store) describe(ctx context.Context, name imageName) (Image, error) {
	target, fetch, err := s.find(ctx, name)
	if err != nil {
		return Image{}, err
	}
	c := &check{s: s, name: name}
	parts := s.onePlatform(name, images.ChildrenHandler(s.content))
	withoutLayers := images.HandlerFunc(func(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		all, err := parts(ctx, desc)
		return slices.DeleteFunc(all, func(d ocispec.Descriptor) bool { return images.IsLayerType(d.MediaType) }), err
	})
	if err := images.Dispatch(ctx, images.Handlers(images.HandlerFunc(c.before), fetch, images.HandlerFunc(c.after), withoutLayers), nil, target); err != nil {
		return Image{}, err
	}
	if c.manifest.Digest == "" {
		return Image{}, notAnImage(name, target.MediaType)
	}
	manifest, config, err := s.readConfig(ctx, c.manifest)
	if err != nil {
		return Image{}, err
	}
	return described(name, c.manifest, manifest, config), nil
}
