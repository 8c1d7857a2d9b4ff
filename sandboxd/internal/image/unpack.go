package image

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/core/unpack"
	cerrdefs "github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	// maxMetadataBytes bounds an index, a manifest and a configuration: these are read into memory.
	maxMetadataBytes = 8 << 20
	// leaseTime is how long what was pulled or imported so far stays after this process was killed, at most; the next
	// Open removes it in any case.
	leaseTime = 24 * time.Hour
)

// lease keeps everything that is stored with the returned context until release is called. What no image needs is
// collected then.
func (s *Store) lease(ctx context.Context) (_ context.Context, release func(), err error) {
	l, err := s.leases.Create(ctx, leases.WithRandomID(), leases.WithExpiration(leaseTime))
	if err != nil {
		return nil, nil, err
	}
	return leases.WithLease(ctx, l.ID), func() {
		// The call may have been cancelled; cleaning up after it is not.
		ctx := context.WithoutCancel(ctx)
		err := s.leases.Delete(ctx, l)
		if err == nil {
			_, err = s.db.GarbageCollect(ctx)
		}
		if err != nil {
			warnings(s.cfg.Logger).WithError(err).Warn("collecting garbage")
		}
	}, nil
}

// unpack brings an image into the store and its layers into their directories. Target is its manifest, or an index that
// has one for this platform. Fetch gets the content; nil when all of it is there. The manifest's descriptor is returned.
func (s *Store) unpack(ctx context.Context, name imageName, target ocispec.Descriptor, fetch images.HandlerFunc) (ocispec.Descriptor, error) {
	unpacker, err := unpack.NewUnpacker(ctx, s.content, unpack.WithUnpackPlatform(unpack.Platform{
		SnapshotterKey: snapshotter,
		Snapshotter:    s.snapshots,
		Applier:        newApplier(s.content, name, s.cfg.MaxUnpackedBytes),
	}))
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	var manifest ocispec.Descriptor
	found := images.HandlerFunc(func(_ context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		if images.IsManifestType(desc.MediaType) {
			manifest = desc
		}
		return nil, nil
	})
	// The labels make an index or manifest keep what it names. Layers are not kept: unpacked they are of use, packed not.
	children := images.SetChildrenMappedLabels(s.content, images.ChildrenHandler(s.content), images.ChildGCLabelsFilterLayers)
	handlers := []images.Handler{s.checkSize(name)}
	if fetch != nil {
		handlers = append(handlers, fetch)
	}
	handlers = append(handlers, s.checkConfig(name), found, s.onePlatform(name, children))
	err = images.Dispatch(ctx, unpacker.Unpack(images.Handlers(handlers...)), nil, target)
	if _, unpackErr := unpacker.Wait(); err == nil {
		err = unpackErr
	}
	if err == nil && manifest.Digest == "" {
		err = notAnImage(name, target.MediaType)
	}
	return manifest, err
}

// checkSize refuses what is larger than any image's part may be, before it is fetched. Layers that live elsewhere are
// refused: whoever names an image must not make this host call any other address.
func (s *Store) checkSize(name imageName) images.HandlerFunc {
	return func(_ context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		limit := int64(maxMetadataBytes)
		if images.IsLayerType(desc.MediaType) {
			limit = s.cfg.MaxUnpackedBytes
		}
		if desc.Size > limit {
			return nil, tooLarge(name, limit)
		}
		if len(desc.URLs) > 0 {
			return nil, errdefs.New(errdefs.FailedPrecondition, "IMAGE_INVALID", "the image %s has layers outside of its registry, which is not supported", name.short())
		}
		return nil, nil
	}
}

// checkConfig refuses what is not a container image, or one for another platform, once its configuration is there and
// before its layers are.
func (s *Store) checkConfig(name imageName) images.HandlerFunc {
	return func(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		switch {
		case images.IsManifestType(desc.MediaType):
			var m ocispec.Manifest
			if err := s.readJSON(ctx, desc, &m); err != nil {
				return nil, err
			}
			if !images.IsConfigType(m.Config.MediaType) {
				return nil, notAnImage(name, m.Config.MediaType)
			}
		case images.IsConfigType(desc.MediaType):
			p, err := images.ConfigPlatform(ctx, s.content, desc)
			if err != nil {
				return nil, err
			}
			if !s.platform.Match(p) {
				return nil, otherPlatform(name, p)
			}
		}
		return nil, nil
	}
}

// onePlatform passes the manifest of an index that fits this platform best, and no other.
func (s *Store) onePlatform(name imageName, children images.HandlerFunc) images.HandlerFunc {
	return func(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		all, err := children(ctx, desc)
		if err != nil || !images.IsIndexType(desc.MediaType) {
			return all, err
		}
		var fit []ocispec.Descriptor
		var others []ocispec.Platform
		for _, d := range all {
			if d.Platform == nil || s.platform.Match(*d.Platform) {
				fit = append(fit, d)
			} else {
				others = append(others, *d.Platform)
			}
		}
		if len(fit) == 0 {
			return nil, otherPlatform(name, others...)
		}
		slices.SortStableFunc(fit, func(a, b ocispec.Descriptor) int {
			switch {
			case a.Platform == nil || b.Platform == nil:
				return 0
			case s.platform.Less(*a.Platform, *b.Platform):
				return -1
			case s.platform.Less(*b.Platform, *a.Platform):
				return 1
			}
			return 0
		})
		return fit[:1], nil
	}
}

// put pins an unpacked image and stores it under a name, in place of what has the name now.
func (s *Store) put(ctx context.Context, name imageName, manifest ocispec.Descriptor) (stored, error) {
	if err := s.pin(ctx, manifest); err != nil {
		return stored{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	record := images.Image{Name: name.full(), Target: manifest}
	saved, err := s.images.Create(ctx, record)
	if cerrdefs.IsAlreadyExists(err) {
		saved, err = s.images.Update(ctx, record, "target")
	}
	if err != nil {
		return stored{}, fmt.Errorf("storing the image %s: %w", name.short(), err)
	}
	img, err := s.read(ctx, saved)
	if err != nil {
		return stored{}, fmt.Errorf("reading the image %s: %w", name.short(), err)
	}
	s.names[name.full()] = img
	return img, nil
}

func formatPlatforms(ps []ocispec.Platform) string {
	var all []string
	for _, p := range ps {
		if p.OS == "" || p.OS == "unknown" || p.Architecture == "" {
			continue
		}
		all = append(all, platforms.Format(p))
	}
	return strings.Join(all, ", ")
}
