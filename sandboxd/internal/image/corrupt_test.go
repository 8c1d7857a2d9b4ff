package image_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// broken is an image that no store may take.
type broken struct {
	image func(testing.TB) *built
	// kind, reason and message are of the pull; NAME and REGISTRY stand for what they are.
	kind            errdefs.Kind
	reason, message string
	// archive is why an import of it fails, where it is a reason of its own.
	archive string
}

const (
	damaged        = "what the registry REGISTRY sent does not match its digest or is damaged"
	damagedArchive = "a layer of it is damaged or does not match its digest"
	missingPart    = "a part that it names is missing or does not match its digest"
)

func pullFails(why string) string {
	return "the image NAME is not stored here and can't be pulled: " + why + "; an operator can store it with: casemate image import NAME ARCHIVE"
}

// twoLayers has a good layer below the one that tests break.
func twoLayers(t testing.TB, r recipe, top layer) *built {
	t.Helper()
	return build(t, r, gzipLayer(t, file("good", strings.Repeat("good", 1000))), top)
}

var brokenImages = map[string]broken{
	"another layer's bytes": {
		image: func(t testing.TB) *built {
			b := twoLayers(t, recipe{}, gzipLayer(t, file("a", "1")))
			blob := bytes.Clone(b.blobs[b.layer(t, 1).Digest])
			blob[len(blob)-1] ^= 1
			b.blobs[b.layer(t, 1).Digest] = blob
			return b
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: missingPart,
	},
	"a longer layer": {
		image: func(t testing.TB) *built {
			b := twoLayers(t, recipe{}, gzipLayer(t, file("a", "1")))
			b.blobs[b.layer(t, 1).Digest] = append(bytes.Clone(b.blobs[b.layer(t, 1).Digest]), "more"...)
			return b
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: missingPart,
	},
	"a shorter layer": {
		image: func(t testing.TB) *built {
			b := twoLayers(t, recipe{}, gzipLayer(t, file("a", "1")))
			b.blobs[b.layer(t, 1).Digest] = b.blobs[b.layer(t, 1).Digest][:30]
			return b
		},
		kind: errdefs.Unavailable, reason: "IMAGE_PULL_FAILED", message: pullFails("the registry REGISTRY sent less of it than there should be"), archive: missingPart,
	},
	"another configuration's bytes": {
		image: func(t testing.TB) *built {
			b := twoLayers(t, recipe{}, gzipLayer(t, file("a", "1")))
			for d, blob := range b.blobs {
				if bytes.Contains(blob, []byte(`"rootfs"`)) {
					b.blobs[d] = bytes.Replace(blob, []byte(`layers`), []byte(`LAYERS`), 1)
				}
			}
			return b
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: missingPart,
	},
	"a wrong diff id": {
		image: func(t testing.TB) *built {
			l := gzipLayer(t, file("a", "1"))
			l.diffID = digest.FromString("another")
			return twoLayers(t, recipe{}, l)
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: damagedArchive,
	},
	"a gzip stream cut short": {
		image: func(t testing.TB) *built {
			plain := tarOf(t, file("a", strings.Repeat("a", 1<<16)))
			packed := gzipped(t, plain)
			return twoLayers(t, recipe{}, newLayer(ocispec.MediaTypeImageLayerGzip, packed[:len(packed)/2], plain))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: damagedArchive,
	},
	"a layer that is no tar": {
		image: func(t testing.TB) *built {
			plain := bytes.Repeat([]byte("not a tar "), 1000)
			return twoLayers(t, recipe{}, newLayer(ocispec.MediaTypeImageLayerGzip, gzipped(t, plain), plain))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: damagedArchive,
	},
	"more layers than diff ids": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{edit: func(m *ocispec.Manifest) { m.Layers = append(m.Layers, m.Layers[0]) }}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: "the image NAME has 3 layers, but its configuration speaks of 2",
	},
	"a configuration of another kind": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{configType: "application/vnd.cncf.helm.config.v1+json"}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: `NAME is not a container image but of type "application/vnd.cncf.helm.config.v1+json"`,
	},
	"layers of another kind": {
		image: func(t testing.TB) *built {
			l := gzipLayer(t, file("a", "1"))
			l.MediaType = "application/vnd.example.model"
			return twoLayers(t, recipe{}, l)
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: `the image NAME has a layer of type "application/vnd.example.model", which is not supported`,
	},
	"encrypted layers": {
		image: func(t testing.TB) *built {
			l := gzipLayer(t, file("a", "1"))
			l.MediaType = ocispec.MediaTypeImageLayerGzip + "+encrypted"
			return twoLayers(t, recipe{}, l)
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: `the image NAME has a layer of type "` + ocispec.MediaTypeImageLayerGzip + `+encrypted", which is not supported`,
	},
	"layers that live elsewhere": {
		image: func(t testing.TB) *built {
			l := gzipLayer(t, file("a", "1"))
			l.URLs = []string{"http://169.254.169.254/latest/meta-data"}
			return twoLayers(t, recipe{}, l)
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: "the image NAME has layers outside of its registry, which is not supported",
	},
	"a huge configuration": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{config: ocispec.ImageConfig{Env: []string{"A=" + strings.Repeat("a", 9<<20)}}}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_TOO_LARGE",
		message: "the manifest or the configuration of the image NAME is larger than this server takes, 8 MiB",
	},
	"a huge manifest": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{edit: func(m *ocispec.Manifest) {
				m.Annotations = map[string]string{"a": strings.Repeat("a", 9<<20)}
			}}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_TOO_LARGE",
		message: "the manifest or the configuration of the image NAME is larger than this server takes, 8 MiB",
	},
	"layers that are too much together": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{edit: func(m *ocispec.Manifest) { m.Layers[0].Size, m.Layers[1].Size = 6<<30, 6<<30 }}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_TOO_LARGE",
		message: "the image NAME is larger than this server takes, 10240 MiB",
	},
	"a manifest that is none": {
		image: func(t testing.TB) *built {
			b := twoLayers(t, recipe{}, gzipLayer(t, file("a", "1")))
			b.Descriptor = b.add(ocispec.MediaTypeImageManifest, []byte("what?"))
			return b
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: "the image NAME has a manifest or a configuration that is none",
	},
	"no layers": {
		image: func(t testing.TB) *built { return build(t, recipe{}) },
		kind:  errdefs.FailedPrecondition, reason: "IMAGE_INVALID", message: "the image NAME has no layers",
	},
	"a configuration of another size": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{edit: func(m *ocispec.Manifest) { m.Config.Size = 10 }}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_PULL_FAILED", message: pullFails(damaged), archive: missingPart,
	},
	"layers of no size": {
		image: func(t testing.TB) *built {
			return twoLayers(t, recipe{edit: func(m *ocispec.Manifest) { m.Layers[1].Size = -1 }}, gzipLayer(t, file("a", "1")))
		},
		kind: errdefs.FailedPrecondition, reason: "IMAGE_INVALID",
		message: "the image NAME has a part of -1 bytes",
	},
}

func TestBrokenImageIsNotPulled(t *testing.T) {
	for what, c := range brokenImages {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			reg := plainRegistry(t)
			dir := t.TempDir()
			s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
			name := reg.push(c.image(t), "app", "1")
			_, _, err := s.Ensure(t.Context(), name)
			wantError(t, err, c.kind, c.reason, strings.NewReplacer("NAME", name, "REGISTRY", reg.host()).Replace(c.message))
			wantNothingLeft(t, dir)
		})
	}
}

func TestBrokenImageIsNotImported(t *testing.T) {
	for what, c := range brokenImages {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, image.Config{Dir: dir})
			_, err := s.Import(t.Context(), "app:1", bytes.NewReader(ociArchive(t, nil, c.image(t))))
			if c.archive != "" {
				wantError(t, err, errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID", "the archive for app:1 can't be used: "+c.archive)
			} else {
				wantError(t, err, c.kind, c.reason, strings.ReplaceAll(c.message, "NAME", "app:1"))
			}
			wantNothingLeft(t, dir)
		})
	}
}

// A good layer that came with a broken image is not taken for granted later: it is fetched again.
func TestGoodImageAfterABrokenOne(t *testing.T) {
	t.Parallel()
	reg := plainRegistry(t)
	s := open(t, image.Config{InsecureRegistries: []string{reg.host()}})
	broken := brokenImages["a wrong diff id"].image(t)
	if _, _, err := s.Ensure(t.Context(), reg.push(broken, "app", "broken")); err == nil {
		t.Fatal("the broken image was taken")
	}
	_, root, err := s.Ensure(t.Context(), reg.push(twoLayers(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "good"))
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, mounted(t, root), map[string]string{"good": strings.Repeat("good", 1000), "a": "1"})
}
