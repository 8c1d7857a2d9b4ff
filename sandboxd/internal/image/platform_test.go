package image_test

import (
	"testing"

	"github.com/containerd/containerd/v2/core/images"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

func platform(os, arch, variant string) ocispec.Platform {
	return ocispec.Platform{OS: os, Architecture: arch, Variant: variant}
}

// forPlatform is an image whose only file says what platform it is for.
func forPlatform(t testing.TB, p ocispec.Platform) *built {
	t.Helper()
	return build(t, recipe{platform: p}, gzipLayer(t, file("for", p.OS+"/"+p.Architecture+p.Variant)))
}

func TestPlatformOfIndex(t *testing.T) {
	for what, c := range map[string]struct {
		host string // empty: the machine's
		has  []ocispec.Platform
		want string // of the host, where it is not empty
	}{
		"this machine's": {has: []ocispec.Platform{
			platform("windows", "amd64", ""), platform("linux", "s390x", ""), platform("linux", "amd64", ""), platform("linux", "arm64", ""),
		}},
		"another":             {"linux/s390x", []ocispec.Platform{platform("linux", "amd64", ""), platform("linux", "s390x", "")}, "linux/s390x"},
		"the nearest variant": {"linux/arm/v7", []ocispec.Platform{platform("linux", "arm", "v5"), platform("linux", "arm", "v7"), platform("linux", "arm", "v6")}, "linux/armv7"},
		"an older variant":    {"linux/arm/v7", []ocispec.Platform{platform("linux", "arm", "v5"), platform("linux", "arm", "v6")}, "linux/armv6"},
	} {
		t.Run(what, func(t *testing.T) {
			reg := plainRegistry(t)
			s := open(t, image.Config{Platform: c.host, InsecureRegistries: []string{reg.host()}})
			var all []*built
			for _, p := range c.has {
				all = append(all, forPlatform(t, p))
			}
			want := c.want
			if want == "" {
				want = "linux/" + build(t, recipe{}).Platform.Architecture
			}
			for tag, mediaType := range map[string]string{"oci": ocispec.MediaTypeImageIndex, "docker": images.MediaTypeDockerSchema2ManifestList} {
				_, root, err := s.Ensure(t.Context(), reg.push(index(t, mediaType, all...), "app", tag))
				if err != nil {
					t.Fatalf("%s: %v", tag, err)
				}
				wantFiles(t, root.Layers[0], map[string]string{"for": want})
			}
			// What is for other platforms is not fetched.
			fetched := 0
			for _, b := range all {
				fetched += reg.fetched(b.Digest.String())
			}
			if fetched != 1 {
				t.Errorf("%d manifests were fetched", fetched)
			}
		})
	}
}

func TestOtherPlatform(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, Platform: "linux/riscv64", InsecureRegistries: []string{reg.host()}})
	amd, arm := forPlatform(t, platform("linux", "amd64", "")), forPlatform(t, platform("linux", "arm", "v7"))
	attestation := forPlatform(t, platform("unknown", "unknown", ""))
	// Its manifest says it fits; its configuration knows better.
	liar := forPlatform(t, platform("linux", "amd64", "v2"))
	liar.Platform = &ocispec.Platform{OS: "linux", Architecture: "riscv64"}
	for tag, c := range map[string]struct {
		image *built
		is    string
	}{
		"one":     {amd, "linux/amd64"},
		"many":    {index(t, ocispec.MediaTypeImageIndex, amd, arm, attestation), "linux/amd64, linux/arm/v7"},
		"liar":    {index(t, ocispec.MediaTypeImageIndex, liar), "linux/amd64/v2"},
		"none":    {index(t, ocispec.MediaTypeImageIndex), "an unknown platform"},
		"strange": {index(t, ocispec.MediaTypeImageIndex, attestation), "an unknown platform"},
	} {
		t.Run(tag, func(t *testing.T) {
			name := reg.push(c.image, "app", tag)
			_, _, err := s.Ensure(t.Context(), name)
			wantError(t, err, errdefs.FailedPrecondition, "IMAGE_PLATFORM_MISMATCH",
				"the image "+name+" is not for this server's platform: it is for "+c.is)
			wantNothingLeft(t, dir)
		})
	}
}

func TestUnknownPlatformInConfiguration(t *testing.T) {
	if _, err := image.Open(image.Config{Dir: t.TempDir(), Platform: "linux/amd64/v1/what"}); err == nil {
		t.Error("a store opened for a platform that there is not")
	}
}
