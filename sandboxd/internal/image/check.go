package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/containerd/containerd/v2/core/images"
	cerrdefs "github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// maxMetadataBytes bounds what an image has of indexes, manifests and configurations: these are read into memory.
const maxMetadataBytes = 8 << 20

// layerTypes are the media types of layers that can be unpacked.
var layerTypes = []string{
	ocispec.MediaTypeImageLayer, ocispec.MediaTypeImageLayerGzip, ocispec.MediaTypeImageLayerZstd,
	images.MediaTypeDockerSchema2Layer, images.MediaTypeDockerSchema2LayerGzip, images.MediaTypeDockerSchema2LayerZstd,
}

// check looks at the parts of one image on their way into the store, and refuses what this host can't run.
type check struct {
	s    *Store
	name imageName
	// metadata is how much of maxMetadataBytes is taken.
	metadata atomic.Int64
	// manifest is the image's, once it was seen; layers is how many layers it names.
	manifest ocispec.Descriptor
	layers   int
}

// before refuses a part by its descriptor, before it is fetched. Parts for which an image names an address of its own are
// refused. A registry can still send this host elsewhere, by a redirect or to its token server: all large ones do.
func (c *check) before(_ context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	switch {
	case desc.Size <= 0:
		return nil, invalid("the image %s has a part of %d bytes", c.name.short(), desc.Size)
	case len(desc.URLs) > 0:
		return nil, invalid("the image %s has layers outside of its registry, which is not supported", c.name.short())
	case images.IsLayerType(desc.MediaType):
		if desc.Size > c.s.cfg.MaxUnpackedBytes {
			return nil, tooLarge(c.name, c.s.cfg.MaxUnpackedBytes)
		}
	case desc.Size > maxMetadataBytes, c.metadata.Add(desc.Size) > maxMetadataBytes:
		return nil, metadataTooLarge(c.name)
	}
	return nil, nil
}

// after refuses a part by its content, once that is stored: what is not a container image or is for another platform,
// before its layers are fetched.
func (c *check) after(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	info, err := c.s.content.Info(ctx, desc.Digest)
	if err != nil {
		return nil, err
	}
	if info.Size != desc.Size {
		return nil, fmt.Errorf("%s has %d bytes and not %d: %w", desc.Digest, info.Size, desc.Size, cerrdefs.ErrFailedPrecondition)
	}
	switch {
	case images.IsManifestType(desc.MediaType):
		err = c.checkManifest(ctx, desc)
	case images.IsConfigType(desc.MediaType):
		err = c.checkConfig(ctx, desc)
	}
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &mismatch) {
		return nil, invalid("the image %s has a manifest or a configuration that is none", c.name.short()).WithCause(err)
	}
	return nil, err
}

func (c *check) checkManifest(ctx context.Context, desc ocispec.Descriptor) error {
	var m ocispec.Manifest
	if err := c.s.readJSON(ctx, desc, &m); err != nil {
		return err
	}
	if !images.IsConfigType(m.Config.MediaType) {
		return notAnImage(c.name, m.Config.MediaType)
	}
	total := int64(0)
	for _, l := range m.Layers {
		if !slices.Contains(layerTypes, l.MediaType) {
			return invalid("the image %s has a layer of type %q, which is not supported", c.name.short(), l.MediaType)
		}
		// Layers are fetched side by side, so that what they unpack to is known too late.
		if l.Size > c.s.cfg.MaxUnpackedBytes-total {
			return tooLarge(c.name, c.s.cfg.MaxUnpackedBytes)
		}
		total += max(l.Size, 0)
	}
	c.manifest, c.layers = desc, len(m.Layers)
	return nil
}

func (c *check) checkConfig(ctx context.Context, desc ocispec.Descriptor) error {
	var config ocispec.Image
	if err := c.s.readJSON(ctx, desc, &config); err != nil {
		return err
	}
	p, err := images.ConfigPlatform(ctx, c.s.content, desc)
	if err != nil {
		return err
	}
	if !c.s.platform.Match(p) {
		return otherPlatform(c.name, p)
	}
	switch n := len(config.RootFS.DiffIDs); {
	case n != c.layers:
		return invalid("the image %s has %d layers, but its configuration speaks of %d", c.name.short(), c.layers, n)
	case n == 0:
		return invalid("the image %s has no layers", c.name.short())
	}
	return nil
}
