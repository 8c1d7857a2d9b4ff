package image_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/distribution/reference"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// hub is the registry that a short name implies, as the library knows it.
var hub = func() string {
	short, err := reference.ParseNormalizedNamed("app")
	if err != nil {
		panic(err)
	}
	return reference.Domain(short)
}()

const someDigest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// All spellings of a name mean one image, which is listed under the shortest.
func TestNames(t *testing.T) {
	archive := ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", "1"))))
	for short, spellings := range map[string][]string{
		"python:3.11":                 {"python:3.11", "library/python:3.11", hub + "/python:3.11", "index." + hub + "/library/python:3.11"},
		"python:latest":               {"python", hub + "/library/python:latest"},
		"team/app:1":                  {"team/app:1", hub + "/team/app:1"},
		"localhost/app:latest":        {"localhost/app"},
		"registry.test:5000/a/b/c:v1": {"registry.test:5000/a/b/c:v1"},
		"[::1]:5000/app:latest":       {"[::1]:5000/app"},
	} {
		s := open(t, image.Config{})
		if _, err := s.Import(t.Context(), spellings[0], bytes.NewReader(archive)); err != nil {
			t.Errorf("%s: %v", spellings[0], err)
		}
		for _, spelling := range spellings {
			if img, err := s.Get(t.Context(), spelling); err != nil || img.Name != short {
				t.Errorf("%s is %q, %v; want %q", spelling, img.Name, err, short)
			}
		}
	}
}

func TestBadNames(t *testing.T) {
	s := open(t, image.Config{})
	for _, name := range badNames {
		want := "image: " + quoted(name) + " is no image name: want one such as python:3.11 or registry.example.com/team/app@sha256:…"
		_, err := s.Get(t.Context(), name)
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT", want)
		_, _, err = s.Ensure(t.Context(), name)
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT", want)
		_, err = s.Import(t.Context(), name, strings.NewReader(""))
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT", want)
	}
}

var badNames = []string{
	"", " ", "UPPER", "a b", "-a", "a:", ":1", "a@", "a@sha256:short", "../a", "/a", "a//b", "a/../b", "a\x00", "a\n", "http://a/b", "a:b:c",
	strings.Repeat("a", 300), someDigest[len("sha256:"):], "a@" + someDigest + "x", "a?b", "a#b", "user:password@host/app",
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// FuzzName: whatever the name, it is refused as the caller's mistake or means an image; and the name that the store then
// says it by means the same one.
func FuzzName(f *testing.F) {
	for _, name := range append(badNames, "python", "python:3.11", "host:5000/a/b@"+someDigest, "a:b@"+someDigest, "[::1]/a", "é") {
		f.Add(name)
	}
	s := open(f, image.Config{})
	f.Fuzz(func(t *testing.T, name string) {
		_, err := s.Get(t.Context(), name)
		e, ok := errdefs.As(err)
		if !ok {
			t.Fatalf("%q: %v", name, err)
		}
		if !utf8.ValidString(e.Message) {
			t.Errorf("%q: the error is no text: %q", name, e.Message)
		}
		if e.Kind == errdefs.InvalidArgument && e.Reason == "INVALID_ARGUMENT" {
			return
		}
		short, ok := strings.CutPrefix(e.Message, "no image is stored as ")
		if !ok || e.Reason != "IMAGE_NOT_FOUND" {
			t.Fatalf("%q: %v", name, err)
		}
		_, err = s.Get(t.Context(), short)
		if again, ok := errdefs.As(err); !ok || again.Message != e.Message {
			t.Errorf("%q is %q, which is %v", name, short, err)
		}
	})
}
