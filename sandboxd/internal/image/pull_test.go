package image_test

import (
	"testing"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/sandboxd/internal/image"
)

func TestPull(t *testing.T) {
	config := ocispec.ImageConfig{
		Env: []string{"PATH=/bin"}, Entrypoint: []string{"/bin/app"}, Cmd: []string{"serve"}, WorkingDir: "/srv", User: "app",
	}
	plain := tarOf(t, file("plain", "1"))
	docker := gzipLayer(t, file("docker", "2"))
	docker.MediaType = images.MediaTypeDockerSchema2LayerGzip
	for what, c := range map[string]struct {
		image *built
		files map[string]string
	}{
		"oci-gzip-zstd": {
			build(t, recipe{config: config}, gzipLayer(t, file("a", "1")), zstdLayer(t, file("b/c", "2"))),
			map[string]string{"a": "1", "b/c": "2"},
		},
		"oci-not-compressed": {
			build(t, recipe{config: config}, newLayer(ocispec.MediaTypeImageLayer, plain, plain)), map[string]string{"plain": "1"},
		},
		"docker": {
			build(t, recipe{
				config: config, manifestType: images.MediaTypeDockerSchema2Manifest, configType: images.MediaTypeDockerSchema2Config,
			}, docker),
			map[string]string{"docker": "2"},
		},
	} {
		t.Run(what, func(t *testing.T) {
			reg := plainRegistry(t)
			s := open(t, image.Config{InsecureRegistries: []string{reg.host()}})
			name := reg.push(c.image, "team/app", "1.0")
			img, root, err := s.Ensure(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if img.UpdateTime.IsZero() {
				t.Error("it has no time")
			}
			size := 0
			for _, blob := range c.image.blobs {
				size += len(blob)
			}
			want := image.Image{
				Name: name, Digest: c.image.Digest.String(), Size: int64(size), UpdateTime: img.UpdateTime,
				Config: image.ProcessConfig{
					Env: config.Env, Entrypoint: config.Entrypoint, Cmd: config.Cmd, WorkingDir: config.WorkingDir, User: config.User,
				},
			}
			if d := cmp.Diff(want, img); d != "" {
				t.Errorf("image (-want +got):\n%s", d)
			}
			wantFiles(t, mounted(t, root), c.files)
			// By its digest it is the same, and a tag beside a digest does not count.
			for _, name := range []string{reg.host() + "/team/app@" + img.Digest, reg.host() + "/team/app:none@" + img.Digest} {
				again, sameRoot, err := s.Ensure(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				if again.Digest != img.Digest || !cmp.Equal(root, sameRoot) {
					t.Errorf("%s is %s in %v, want %s in %v", name, again.Digest, sameRoot, img.Digest, root)
				}
			}
		})
	}
}

func TestStoredImageIsNotPulledAgain(t *testing.T) {
	reg := plainRegistry(t)
	s := open(t, image.Config{InsecureRegistries: []string{reg.host()}})
	name := reg.push(build(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "latest")
	first, _, err := s.Ensure(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	reg.Close()
	for _, spelling := range []string{name, reg.host() + "/app"} {
		if again, _, err := s.Ensure(t.Context(), spelling); err != nil || again.Digest != first.Digest {
			t.Errorf("%s is %s, %v without its registry, want %s", spelling, again.Digest, err, first.Digest)
		}
	}
}

func TestPullByTLS(t *testing.T) {
	reg := tlsRegistry(t, true)
	s := open(t, image.Config{})
	if _, _, err := s.Ensure(t.Context(), reg.push(build(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "1")); err != nil {
		t.Fatal(err)
	}
}

// Layers that several images share are fetched and kept once.
func TestSharedLayers(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	base := gzipLayer(t, file("base", "1"))
	for tag, top := range map[string]layer{"a": gzipLayer(t, file("a", "1")), "b": gzipLayer(t, file("b", "1"))} {
		_, root, err := s.Ensure(t.Context(), reg.push(build(t, recipe{}, base, top), "app", tag))
		if err != nil {
			t.Fatal(err)
		}
		wantFiles(t, mounted(t, root), map[string]string{"base": "1", tag: "1"})
	}
	if n := reg.fetched(base.Digest.String()); n != 1 {
		t.Errorf("the layer that both have was fetched %d times", n)
	}
	wantStored(t, dir, 4, 3+2) // two manifests and configurations; three layers and a pin for each image
}
