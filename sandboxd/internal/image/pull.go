package image

import (
	"context"
	"slices"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// pull fetches an image from its registry, unpacks it while its layers come in, and stores it.
func (s *Store) pull(ctx context.Context, name imageName) (stored, error) {
	if err := s.mayAsk(name); err != nil {
		return stored{}, err
	}
	ctx, release, err := s.lease(ctx)
	if err != nil {
		return stored{}, err
	}
	defer release()
	manifest, err := s.fetch(ctx, name)
	if err != nil {
		return stored{}, pullError(name, err)
	}
	// An import under this name that came while the pull was under way is what somebody chose: it stays.
	if img, ok := s.lookup(name); ok {
		return img, nil
	}
	return s.put(ctx, name, manifest)
}

// mayAsk says whether the operator lets images come from the registry that a name is of.
func (s *Store) mayAsk(name imageName) error {
	if len(s.cfg.Registries) > 0 && !slices.Contains(s.cfg.Registries, name.registry()) {
		return registryDenied(name)
	}
	return nil
}

func (s *Store) fetch(ctx context.Context, name imageName) (manifest ocispec.Descriptor, err error) {
	target, fetch, err := s.find(ctx, name)
	if err != nil {
		return manifest, err
	}
	return s.unpack(ctx, name, target, fetch)
}

// find asks the registry what a name stands for, and returns that with what fetches it and its parts.
func (s *Store) find(ctx context.Context, name imageName) (target ocispec.Descriptor, fetch images.HandlerFunc, err error) {
	resolver := s.resolver()
	full, target, err := resolver.Resolve(ctx, name.full())
	if err != nil {
		return target, nil, err
	}
	fetcher, err := resolver.Fetcher(ctx, full)
	if err != nil {
		return target, nil, err
	}
	return target, remotes.FetchHandler(ingester{s.content}, fetcher), nil
}
