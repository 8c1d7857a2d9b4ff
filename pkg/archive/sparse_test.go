package archive_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/casemate/casemate/pkg/archive"
)

func TestWriteSparse(t *testing.T) {
	zeros := strings.Repeat("\x00", 9000)
	broken := errors.New("broken")
	for name, content := range map[string]string{
		"nothing": "", "a byte": "x", "zeros": zeros, "zeros and a byte": zeros + "x", "a byte and zeros": "x" + zeros,
		"a hole": strings.Repeat("a", 4096) + zeros + strings.Repeat("b", 5000), "one block": strings.Repeat("\x00", 4096),
		"long": strings.Repeat("0123456789", 10_000) + strings.Repeat(zeros, 20) + "end",
	} {
		for how, read := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader, "by halves": iotest.HalfReader, "with its end": iotest.DataErrReader,
		} {
			f, err := os.Create(filepath.Join(t.TempDir(), "f"))
			if err != nil {
				t.Fatal(err)
			}
			n, err := archive.WriteSparse(f, read(strings.NewReader(content)), make([]byte, 10_000))
			got, readErr := os.ReadFile(f.Name())
			if err != nil || readErr != nil || n != int64(len(content)) || string(got) != content {
				t.Errorf("%s %s: %d bytes, %v; the file has %d, %v", name, how, n, err, len(got), readErr)
			}
			_ = f.Close()
		}
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, want := range []error{broken, io.ErrUnexpectedEOF} { // neither is the end of what there is
		r := io.MultiReader(bytes.NewReader(make([]byte, 5000)), iotest.ErrReader(want))
		if _, err := archive.WriteSparse(f, r, make([]byte, 8192)); !errors.Is(err, want) {
			t.Errorf("the reader's own error: %v, want %v", err, want)
		}
	}
	if _, err := archive.WriteSparse(f, strings.NewReader("x"), make([]byte, 4096)); err != nil {
		t.Error(err)
	}
	_ = f.Close()
	if _, err := archive.WriteSparse(f, strings.NewReader("x"), make([]byte, 4096)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a file that can't be written: %v", err)
	}
}
