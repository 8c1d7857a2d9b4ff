package image_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// Describe says what Ensure says, for a manifest and a configuration.
func TestDescribeFetchesNoLayer(t *testing.T) {
	reg := plainRegistry(t)
	layer := gzipLayer(t, file("a", "1"))
	config := ocispec.ImageConfig{Env: []string{"PATH=/bin"}, Cmd: []string{"serve"}, WorkingDir: "/srv", User: "app"}
	app := build(t, recipe{config: config}, layer)
	other := forPlatform(t, platform("linux", "s390x", ""))
	name := reg.push(index(t, ocispec.MediaTypeImageIndex, other, app), "team/app", "1.0")
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})

	got, err := s.Describe(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if n := reg.fetched(layer.Digest.String()); n != 0 {
		t.Errorf("the layer was fetched %d times", n)
	}
	wantNothingLeft(t, dir)
	if all, err := s.List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("stored: %v, %v", all, err)
	}

	stored, _, err := s.Ensure(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Describe(t.Context(), name) // of one that is stored
	if err != nil || !cmp.Equal(stored, again) {
		t.Errorf("stored it is %+v, described %+v, %v", stored, again, err)
	}
	stored.UpdateTime = time.Time{}
	if d := cmp.Diff(stored, got); d != "" {
		t.Errorf("-stored +described:\n%s", d)
	}
}

func TestDescribeRefusesWhatEnsureDoes(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}, Registries: []string{reg.host()}})
	for reason, name := range map[string]string{
		"INVALID_ARGUMENT":        "Not A Name",
		"IMAGE_NOT_FOUND":         reg.host() + "/none:1",
		"IMAGE_REGISTRY_DENIED":   "registry.example.com/app:1",
		"IMAGE_PLATFORM_MISMATCH": reg.push(forPlatform(t, platform("linux", "s390x", "")), "far", "1"),
		"IMAGE_INVALID":           reg.push(build(t, recipe{configType: "application/vnd.cncf.helm.config.v1+json"}, gzipLayer(t, file("a", "1"))), "chart", "1"),
	} {
		_, err := s.Describe(t.Context(), name)
		if e, ok := errdefs.As(err); !ok || e.Reason != reason {
			t.Errorf("%s: %v (%+v), want %s", name, err, e, reason)
		}
		_, _, ensure := s.Ensure(t.Context(), name)
		if err == nil || ensure == nil || err.Error() != ensure.Error() {
			t.Errorf("%s: Describe says %v, Ensure %v", name, err, ensure)
		}
	}
	wantNothingLeft(t, dir)
}
