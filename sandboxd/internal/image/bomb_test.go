package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/opencontainers/go-digest"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// sparse is a tar of one file that claims to be n bytes long, all of it a hole: the GNU format 1.0, where a map at the
// beginning of the content says what there is of it.
func sparse(t testing.TB, n int64) []byte {
	t.Helper()
	sparseMap := "1\n" + fmt.Sprintf("%d\n0\n", n)
	e := file("GNUSparseFile.0/hole", sparseMap+strings.Repeat("\x00", 512-len(sparseMap)))
	e.Format = tar.FormatPAX
	// archive/tar refuses to write these records, so they are put in as a PAX header of its own.
	record := func(k, v string) string {
		line := " " + k + "=" + v + "\n"
		n := len(line) + 2
		return fmt.Sprint(n) + line
	}
	records := record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") + record("GNU.sparse.name", "hole") +
		record("GNU.sparse.realsize", fmt.Sprint(n))
	var out bytes.Buffer
	out.Write(rawHeader("PaxHeaders.0/hole", 'x', len(records)))
	out.WriteString(records)
	out.Write(make([]byte, (512-len(records)%512)%512))
	out.Write(tarOf(t, file("GNUSparseFile.0/hole", e.content)))
	return out.Bytes()
}

// rawHeader is one block of a tar as of old.
func rawHeader(name string, typeflag byte, size int) []byte {
	h := make([]byte, 512)
	copy(h, name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x0000000000000\x00", size))
	copy(h[148:], "        ")
	h[156] = typeflag
	copy(h[257:], "ustar\x0000")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// A store takes 1 MiB here; each bomb is far smaller than that as it comes.
func TestBombs(t *testing.T) {
	const limit = 1 << 20
	packed := func(plain []byte) layer { return newLayer(ocispec.MediaTypeImageLayerGzip, gzipped(t, plain), plain) }
	many := make([]entry, 1000)
	for i := range many {
		many[i] = entry{tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprint(i), Mode: 0o644}, ""}
	}
	links := []entry{file("f", "1")}
	for i := range 1000 {
		links = append(links, link(tar.TypeSymlink, fmt.Sprint(i), "f"))
	}
	halves := []layer{packed(tarOf(t, file("a", strings.Repeat("a", 700<<10)))), packed(tarOf(t, file("b", strings.Repeat("b", 700<<10))))}
	for what, layers := range map[string][]layer{
		"one-large-file":           {packed(tarOf(t, file("zeros", strings.Repeat("\x00", 5<<20))))},
		"sparse-file":              {packed(sparse(t, 1<<40))},
		"very-many-empty-files":    {packed(tarOf(t, many...))},
		"very-many-links":          {packed(tarOf(t, links...))},
		"two-layers":               halves,
		"zeros-after-the-tars-end": {packed(append(tarOf(t, file("a", "1")), make([]byte, 16<<20)...))},
		"zstd":                     {zstdLayer(t, file("zeros", strings.Repeat("\x00", 5<<20)))},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := build(t, recipe{}, layers...)
			size := 0
			for _, blob := range b.blobs {
				size += len(blob)
			}
			if size > limit/2 {
				t.Fatalf("the bomb has %d bytes: the store may refuse it unopened", size)
			}
			reg := plainRegistry(t)
			dir := t.TempDir()
			s := open(t, image.Config{Dir: dir, MaxUnpackedBytes: limit, InsecureRegistries: []string{reg.host()}})
			name := reg.push(b, "bomb", "1")
			_, _, err := s.Ensure(t.Context(), name)
			wantError(t, err, errdefs.FailedPrecondition, "IMAGE_TOO_LARGE", "the image "+name+" is larger than this server takes, 1 MiB")
			wantNothingLeft(t, dir)
			_, err = s.Import(t.Context(), "bomb", bytes.NewReader(ociArchive(t, nil, b)))
			wantError(t, err, errdefs.FailedPrecondition, "IMAGE_TOO_LARGE", "the image bomb:latest is larger than this server takes, 1 MiB")
			wantNothingLeft(t, dir)
		})
	}
	t.Run("what-fits", func(t *testing.T) {
		t.Parallel()
		s := open(t, image.Config{MaxUnpackedBytes: limit})
		if _, err := s.Import(t.Context(), "app", bytes.NewReader(ociArchive(t, nil, build(t, recipe{}, packed(tarOf(t, file("a", strings.Repeat("a", 900<<10)))))))); err != nil {
			t.Error(err)
		}
	})
}

// An archive is bounded while it comes in: this one never ends.
func TestEndlessArchive(t *testing.T) {
	for what, layout := range map[string][]byte{
		"one file":  rawHeader("blobs/sha256/"+digest.FromString("a").Encoded(), '0', 1<<32-1),
		"its index": rawHeader("index.json", '0', 1<<32-1),
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, image.Config{Dir: dir, MaxUnpackedBytes: 4 << 20})
			r, w := io.Pipe()
			defer r.Close()
			go func() {
				pack := gzip.NewWriter(w)
				_, err := pack.Write(layout)
				for zero := make([]byte, 1<<16); err == nil; {
					_, err = pack.Write(zero)
				}
			}()
			_, err := s.Import(t.Context(), "app", r)
			wantError(t, err, errdefs.FailedPrecondition, "IMAGE_TOO_LARGE", "the image app:latest is larger than this server takes, 4 MiB")
			wantNothingLeft(t, dir)
		})
	}
}
