package image

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/unpack"
	cerrdefs "github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// unpack brings an image into the store and its layers into their directories. Target is its manifest, or an index that
// has one for this platform. Fetch gets the content; nil when all of it is there. The manifest's descriptor is returned.
func (s *Store) unpack(ctx context.Context, name imageName, target ocispec.Descriptor, fetch images.HandlerFunc) (ocispec.Descriptor, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	unpacker, err := unpack.NewUnpacker(ctx, s.content, unpack.WithUnpackPlatform(unpack.Platform{
		SnapshotterKey: snapshotter,
		Snapshotter:    s.snapshots,
		Applier:        newApplier(s.content, name, s.cfg.MaxUnpackedBytes, s.cfg.FirstID),
	}))
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	// The labels make an index or manifest keep what it names. Layers are not kept: unpacked they are of use, packed not.
	children := images.SetChildrenMappedLabels(s.content, images.ChildrenHandler(s.content), images.ChildGCLabelsFilterLayers)
	c := &check{s: s, name: name}
	handlers := []images.Handler{images.HandlerFunc(c.before)}
	if fetch != nil {
		handlers = append(handlers, fetch)
	}
	handlers = append(handlers, images.HandlerFunc(c.after), s.onePlatform(name, children))
	var work inFlight
	err = images.Dispatch(ctx, unpacker.Unpack(work.handler(images.Handlers(handlers...))), nil, target)
	if err != nil {
		cancel() // the unpacker goes on with the layers otherwise
	}
	if _, unpackErr := unpacker.Wait(); err == nil {
		err = unpackErr
	}
	cancel()
	work.wait()
	if err == nil && c.manifest.Digest == "" {
		err = notAnImage(name, target.MediaType)
	}
	return c.manifest, err
}

// inFlight knows which calls of a handler are under way. The unpacker does not wait for all of them when it fails, and
// what one stores after the lease was released would stay.
type inFlight struct {
	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
}

func (f *inFlight) handler(h images.Handler) images.Handler {
	return images.HandlerFunc(func(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		f.mu.Lock()
		if f.closed {
			f.mu.Unlock()
			return nil, context.Canceled
		}
		f.calls.Add(1)
		f.mu.Unlock()
		defer f.calls.Done()
		return h.Handle(ctx, desc)
	})
}

// wait refuses further calls and returns when there is none under way.
func (f *inFlight) wait() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.calls.Wait()
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
	s.naming.RLock()
	defer s.naming.RUnlock()
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
	if before, ok := s.names[name.full()]; ok && before.Digest != img.Digest {
		s.clock++
		s.unnamed[before.Digest] = s.clock
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
