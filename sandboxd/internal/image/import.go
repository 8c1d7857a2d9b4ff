package image

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/images/archive"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Import stores an image from an OCI or docker archive, a tar that may be compressed, under a name. An image that has
// the name now is replaced for sandboxes made from then on. The names in the archive do not count.
//
// Errors: errdefs.InvalidArgument (IMAGE_ARCHIVE_INVALID), IMAGE_PLATFORM_MISMATCH, IMAGE_INVALID, IMAGE_TOO_LARGE.
func (s *Store) Import(ctx context.Context, name string, r io.Reader) (Image, error) {
	n, err := parseName(name)
	if err != nil {
		return Image{}, err
	}
	ctx, release, err := s.lease(s.context(ctx))
	if err != nil {
		return Image{}, err
	}
	defer release()
	src := &source{r: r}
	manifest, err := s.importArchive(ctx, n, src)
	if src.err != nil {
		// It is not the archive that is wrong, but the way it comes here.
		return Image{}, src.err
	}
	if err != nil {
		return Image{}, importError(n, err)
	}
	img, err := s.put(ctx, n, manifest)
	return img.Image, err
}

func (s *Store) importArchive(ctx context.Context, name imageName, r io.Reader) (manifest ocispec.Descriptor, err error) {
	plain, err := compression.DecompressStream(r)
	if err != nil {
		return manifest, err
	}
	defer plain.Close()
	limited := &limitedReader{r: plain, left: s.cfg.MaxUnpackedBytes, err: tooLarge(name, s.cfg.MaxUnpackedBytes)}
	index, err := archive.ImportIndex(ctx, ingester{s.content}, limited)
	if err != nil {
		return manifest, err
	}
	target, err := s.onlyImage(ctx, name, index)
	if err != nil {
		return manifest, err
	}
	manifest, err = s.unpack(ctx, name, target, nil)
	if d, ok := name.named.(reference.Digested); err == nil && ok && d.Digest() != manifest.Digest && d.Digest() != target.Digest {
		return manifest, archiveInvalid("the archive for %s holds another image, %s; store it under a tag", name.short(), manifest.Digest)
	}
	return manifest, err
}

// onlyImage returns the image of an archive, given the archive's index: a manifest, or an index of manifests for several
// platforms. An archive of several images is refused, since which of them is meant can't be told.
func (s *Store) onlyImage(ctx context.Context, name imageName, index ocispec.Descriptor) (ocispec.Descriptor, error) {
	var idx ocispec.Index
	if err := s.readJSON(ctx, index, &idx); err != nil {
		return ocispec.Descriptor{}, err
	}
	var names []string
	found := slices.DeleteFunc(idx.Manifests, isAttestation)
	for _, d := range found {
		n := cmp.Or(d.Annotations[images.AnnotationImageName], d.Annotations[ocispec.AnnotationRefName])
		if n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	switch {
	case len(found) == 0:
		return ocispec.Descriptor{}, archiveInvalid("the archive for %s holds no image", name.short())
	case len(found) == 1:
		return found[0], nil
	case sameDigest(found):
		return found[0], nil
	case len(names) > 1:
		return ocispec.Descriptor{}, archiveInvalid("the archive for %s holds %d images: save the one that is meant alone; it has %s",
			name.short(), len(names), strings.Join(names, ", "))
	case !onePerPlatform(found):
		return ocispec.Descriptor{}, archiveInvalid("the archive for %s holds %d images: save the one that is meant alone", name.short(), len(found))
	}
	return index, nil
}

// sameDigest tells whether all descriptors are of one image, saved under several names.
func sameDigest(ds []ocispec.Descriptor) bool {
	return !slices.ContainsFunc(ds, func(d ocispec.Descriptor) bool { return d.Digest != ds[0].Digest })
}

// onePerPlatform tells whether the descriptors can be of one image, built for several platforms.
func onePerPlatform(ds []ocispec.Descriptor) bool {
	seen := map[string]bool{}
	for _, d := range ds {
		p := ""
		if d.Platform != nil {
			p = platforms.FormatAll(*d.Platform)
		}
		if seen[p] {
			return false
		}
		seen[p] = true
	}
	return true
}

// isAttestation tells whether a manifest is not an image but says something about one, as BuildKit adds them.
func isAttestation(d ocispec.Descriptor) bool {
	return d.Annotations["vnd.docker.reference.type"] == "attestation-manifest"
}

// source remembers the error that its reader failed with.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
