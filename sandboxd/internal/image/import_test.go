package image_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// dockerImage is an image of one file, made with another library than the archives of ociArchive.
func dockerImage(t testing.TB, path, content string) v1.Image {
	t.Helper()
	plain := tarOf(t, file(path, content))
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(plain)), nil })
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Config.Cmd = "linux", runtime.GOARCH, []string{"/bin/app"}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// dockerArchive is what `docker save` writes of images under their names.
func dockerArchive(t testing.TB, of map[string]v1.Image) []byte {
	t.Helper()
	refs := map[name.Reference]v1.Image{}
	for n, img := range of {
		ref, err := name.ParseReference(n)
		if err != nil {
			t.Fatal(err)
		}
		refs[ref] = img
	}
	var out bytes.Buffer
	if err := tarball.MultiRefWrite(refs, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestImport(t *testing.T) {
	oci := build(t, recipe{config: ocispec.ImageConfig{Cmd: []string{"/bin/app"}}}, gzipLayer(t, file("a", "1")))
	other := build(t, recipe{platform: platform("linux", "s390x", "")}, gzipLayer(t, file("a", "other")))
	docker := dockerImage(t, "a", "1")
	for what, archive := range map[string][]byte{
		"oci":                   ociArchive(t, nil, oci),
		"oci-of-another-name":   ociArchive(t, []string{hub + "/library/else:3"}, oci),
		"oci-of-two-names":      ociArchive(t, []string{"one", "two"}, oci, oci),
		"oci-of-two-platforms":  ociArchive(t, nil, oci, other),
		"oci-with-an-index":     ociArchive(t, nil, index(t, ocispec.MediaTypeImageIndex, other, oci)),
		"oci-gzip":              gzipped(t, ociArchive(t, nil, oci)),
		"docker":                dockerArchive(t, map[string]v1.Image{"else:3": docker}),
		"docker-of-two-names":   dockerArchive(t, map[string]v1.Image{"else:3": docker, "else:4": docker}),
		"docker-gzip":           gzipped(t, dockerArchive(t, map[string]v1.Image{"else:3": docker})),
		"docker-without-a-name": bytes.Replace(dockerArchive(t, map[string]v1.Image{"else:3": docker}), []byte(`["else:3"]`), []byte(`null      `), 1),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := open(t, image.Config{})
			img, err := s.Import(t.Context(), hub+"/library/app", bytes.NewReader(archive))
			if err != nil {
				t.Fatal(err)
			}
			if img.Name != "app:latest" || fmt.Sprint(img.Config.Cmd) != "[/bin/app]" || img.Size == 0 || img.UpdateTime.IsZero() {
				t.Errorf("image %+v", img)
			}
			all, err := s.List(t.Context())
			if err != nil || len(all) != 1 || all[0].Digest != img.Digest {
				t.Errorf("the store lists %+v, %v", all, err)
			}
			same, root, err := s.Ensure(t.Context(), "app")
			if err != nil || same.Digest != img.Digest {
				t.Fatalf("by its short name it is %+v, %v", same, err)
			}
			wantFiles(t, mounted(t, root), map[string]string{"a": "1"})
		})
	}
}

func TestUnusableArchives(t *testing.T) {
	oci := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	two := build(t, recipe{}, gzipLayer(t, file("b", "2")))
	whole := ociArchive(t, nil, oci)
	attested := *oci
	attested.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	for what, c := range map[string]struct {
		archive []byte
		why     string
	}{
		"cut-short":         {whole[:bytes.Index(whole, oci.blobs[oci.layer(t, 0).Digest])+20], "it is cut short"},
		"gzip-cut-short":    {gzipped(t, whole)[:200], "it is cut short"},
		"empty":             {nil, "it has neither an index.json with an oci-layout nor a manifest.json; `docker save` and `skopeo copy` write such archives, `docker export` does not"},
		"a-root-filesystem": {tarOf(t, file("etc/passwd", "root")), "it has neither an index.json with an oci-layout nor a manifest.json; `docker save` and `skopeo copy` write such archives, `docker export` does not"},
		"not-a-tar":         {[]byte(strings.Repeat("not a tar ", 1000)), "it is not a tar of an image, as `docker save` and `skopeo copy` write it, or is damaged"},
		"damaged-index":     {tarOf(t, file(ocispec.ImageLayoutFile, `{"imageLayoutVersion":"1.0.0"}`), file("index.json", "{")), "it is not a tar of an image, as `docker save` and `skopeo copy` write it, or is damaged"},
		"no-index":          {tarOf(t, file(ocispec.ImageLayoutFile, `{"imageLayoutVersion":"1.0.0"}`)), "it has an oci-layout but no index.json; it may be cut short"},
		"a-missing-layer":   {ociArchive(t, nil, without(oci, oci.layer(t, 0))), "a part that it names is missing or does not match its digest"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, image.Config{Dir: dir})
			_, err := s.Import(t.Context(), "app", bytes.NewReader(c.archive))
			wantError(t, err, errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID", "the archive for app:latest can't be used: "+c.why)
			wantNothingLeft(t, dir)
		})
	}
	for what, c := range map[string]struct {
		archive []byte
		message string
	}{
		"no-image":         {ociArchive(t, nil), "the archive for app:latest holds no image"},
		"attestation-only": {ociArchive(t, nil, &attested), "the archive for app:latest holds no image"},
		"two-images": {
			ociArchive(t, []string{"one:1", "two:2"}, oci, two),
			"the archive for app:latest holds 2 images: save the one that is meant alone; it has one:1, two:2",
		},
		"two-images-of-docker": {
			dockerArchive(t, map[string]v1.Image{"one:1": dockerImage(t, "a", "1"), "two:2": dockerImage(t, "b", "2")}),
			"the archive for app:latest holds 2 images: save the one that is meant alone; it has " + hub + "/library/one:1, " + hub + "/library/two:2",
		},
		"two-images-without-names": {
			ociArchive(t, nil, oci, two), "the archive for app:latest holds 2 images: save the one that is meant alone",
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, image.Config{Dir: dir})
			_, err := s.Import(t.Context(), "app", bytes.NewReader(c.archive))
			wantError(t, err, errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID", c.message)
			wantNothingLeft(t, dir)
		})
	}
}

// without is a built image that lacks a part.
func without(b *built, part ocispec.Descriptor) *built {
	c := *b
	c.blobs = maps.Clone(b.blobs)
	delete(c.blobs, part.Digest)
	return &c
}

// An error of the way that an archive comes is not the archive's.
func TestImportThatIsBrokenOff(t *testing.T) {
	whole := ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", strings.Repeat("a", 1<<16)))))
	lost := errors.New("connection lost")
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	_, err := s.Import(t.Context(), "app", io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(lost)))
	if !errors.Is(err, lost) {
		t.Errorf("the reader's error became %v", err)
	}
	wantNothingLeft(t, dir)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err = s.Import(ctx, "app", bytes.NewReader(whole)); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone gets %v", err)
	}
	wantNothingLeft(t, dir)
}

// A name with a digest is a promise of what is under it.
func TestImportUnderADigest(t *testing.T) {
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	idx := index(t, ocispec.MediaTypeImageIndex, b)
	other := "app@sha256:" + strings.Repeat("0", 64)
	_, err := s.Import(t.Context(), other, bytes.NewReader(ociArchive(t, nil, b)))
	wantError(t, err, errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID",
		"the archive for "+other+" holds another image, "+b.Digest.String()+"; store it under a tag")
	wantNothingLeft(t, dir)
	for under, archived := range map[*built]*built{b: b, idx: idx} {
		if _, err := s.Import(t.Context(), "app@"+under.Digest.String(), bytes.NewReader(ociArchive(t, nil, archived))); err != nil {
			t.Error(err)
		}
	}
	// The manifest that an index has for this host may be meant as well.
	if _, err := s.Import(t.Context(), "other@"+b.Digest.String(), bytes.NewReader(ociArchive(t, nil, idx))); err != nil {
		t.Error(err)
	}
}
