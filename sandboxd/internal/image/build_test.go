package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// entry is one entry of a layer's tar: a regular file unless the header says otherwise.
type entry struct {
	tar.Header
	content string
}

func file(name, content string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, content}
}

func dir(name string) entry {
	return entry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
}

func link(typeflag byte, name, target string) entry {
	return entry{tar.Header{Typeflag: typeflag, Name: name, Linkname: target, Mode: 0o777}, ""}
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		e.Size = int64(len(e.content))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// layer is a layer as it lies in a registry.
type layer struct {
	ocispec.Descriptor
	blob   []byte
	diffID digest.Digest
}

func newLayer(mediaType string, blob, plain []byte) layer {
	return layer{
		ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(blob), Size: int64(len(blob))}, blob, digest.FromBytes(plain),
	}
}

// gzipLayer is a layer as most are.
func gzipLayer(t testing.TB, entries ...entry) layer {
	t.Helper()
	plain := tarOf(t, entries...)
	return newLayer(ocispec.MediaTypeImageLayerGzip, gzipped(t, plain), plain)
}

func zstdLayer(t testing.TB, entries ...entry) layer {
	t.Helper()
	plain := tarOf(t, entries...)
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return newLayer(ocispec.MediaTypeImageLayerZstd, w.EncodeAll(plain, nil), plain)
}

// built is an image, or an index of several, whole: what a registry or an archive has of it.
type built struct {
	ocispec.Descriptor
	// blobs are all parts by their digest. Tests change them to make what no honest builder would.
	blobs map[digest.Digest][]byte
	// manifests are the media types of the parts that are manifests or indexes.
	manifests map[digest.Digest]string
}

func (b *built) add(mediaType string, blob []byte) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(blob), Size: int64(len(blob))}
	b.blobs[d.Digest] = blob
	if images.IsManifestType(mediaType) || images.IsIndexType(mediaType) {
		b.manifests[d.Digest] = mediaType
	}
	return d
}

// recipe is what an image is made of, but for its layers. The zero recipe is an OCI image for this host.
type recipe struct {
	platform ocispec.Platform
	config   ocispec.ImageConfig
	// manifestType and configType are the media types.
	manifestType, configType string
	// edit, when not nil, changes the manifest at last.
	edit func(*ocispec.Manifest)
}

func build(t testing.TB, r recipe, layers ...layer) *built {
	t.Helper()
	if r.platform.OS == "" {
		r.platform = ocispec.Platform{OS: "linux", Architecture: runtime.GOARCH}
	}
	if r.manifestType == "" {
		r.manifestType = ocispec.MediaTypeImageManifest
	}
	if r.configType == "" {
		r.configType = ocispec.MediaTypeImageConfig
	}
	b := &built{blobs: map[digest.Digest][]byte{}, manifests: map[digest.Digest]string{}}
	config := ocispec.Image{Platform: r.platform, Config: r.config, RootFS: ocispec.RootFS{Type: "layers"}}
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: r.manifestType}
	for _, l := range layers {
		b.blobs[l.Digest] = l.blob
		m.Layers = append(m.Layers, l.Descriptor)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.diffID)
	}
	m.Config = b.add(r.configType, marshal(t, config))
	if r.edit != nil {
		r.edit(&m)
	}
	b.Descriptor = b.add(r.manifestType, marshal(t, m))
	b.Platform = &r.platform
	return b
}

// index makes an index of images for several platforms.
func index(t testing.TB, mediaType string, of ...*built) *built {
	t.Helper()
	b := &built{blobs: map[digest.Digest][]byte{}, manifests: map[digest.Digest]string{}}
	idx := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: mediaType}
	for _, i := range of {
		maps.Copy(b.blobs, i.blobs)
		maps.Copy(b.manifests, i.manifests)
		idx.Manifests = append(idx.Manifests, i.Descriptor)
	}
	b.Descriptor = b.add(mediaType, marshal(t, idx))
	return b
}

// ociArchive is an archive in the OCI image layout. Names, when there are as many, are the names of the images.
func ociArchive(t testing.TB, names []string, of ...*built) []byte {
	t.Helper()
	entries := []entry{file(ocispec.ImageLayoutFile, `{"imageLayoutVersion":"1.0.0"}`)}
	idx := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	blobs := map[digest.Digest][]byte{}
	for i, b := range of {
		d := b.Descriptor
		if len(names) > 0 {
			d.Annotations = map[string]string{ocispec.AnnotationRefName: names[i]}
		}
		idx.Manifests = append(idx.Manifests, d)
		maps.Copy(blobs, b.blobs)
	}
	for _, d := range slices.Sorted(maps.Keys(blobs)) {
		entries = append(entries, file("blobs/"+d.Algorithm().String()+"/"+d.Encoded(), string(blobs[d])))
	}
	return tarOf(t, append(entries, file(ocispec.ImageIndexFile, string(marshal(t, idx))))...)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// layer returns the descriptor of one of an image's layers, the lowest is 0.
func (b *built) layer(t testing.TB, i int) ocispec.Descriptor {
	t.Helper()
	var m ocispec.Manifest
	if err := json.Unmarshal(b.blobs[b.Digest], &m); err != nil {
		t.Fatal(err)
	}
	return m.Layers[i]
}
