package local_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/pkg/xattr"

	"github.com/casemate/casemate/casemate/internal/local"
)

// A sparse file is sparse again, and keeps the user's extended attributes, but for those that mean something to file systems.
func TestHolesAndAttributesAreKept(t *testing.T) {
	from := t.TempDir()
	sparse := filepath.Join(from, "sparse")
	if err := os.WriteFile(sparse, []byte("begin"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 20<<20); err != nil {
		t.Fatal(err)
	}
	if err := xattr.Set(sparse, "user.origin", []byte("a\x00b")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"user.overlay.opaque", "user.fuseoverlayfs.override_stat", "user.containers.override_stat"} {
		if err := xattr.Set(sparse, name, []byte("0:0:4755")); err != nil {
			t.Fatal(err)
		}
	}
	if err := xattr.Set(sparse, "user.a=b", []byte("no archive has a name for it")); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	n, err := local.PackDirectory(&archive, from)
	if err != nil || n.Files != 1 || n.Attributes != 1 {
		t.Fatalf("%+v, %v", n, err)
	}
	u, into, check := place(t)
	if n, err = u.Directory(&archive); err != nil || n.Files != 1 || n.Bytes != 20<<20 || n.Attributes != 3 {
		t.Errorf("%+v, %v", n, err)
	}
	check()
	got := filepath.Join(into, "sparse")
	if v, err := xattr.Get(got, "user.origin"); err != nil || string(v) != "a\x00b" {
		t.Errorf("the attribute: %q, %v", v, err)
	}
	if names, err := xattr.List(got); err != nil || len(names) != 1 {
		t.Errorf("the attributes: %q, %v", names, err)
	}
	var st syscall.Stat_t
	if err := syscall.Stat(got, &st); err != nil || st.Size != 20<<20 || st.Blocks*512 > 1<<20 {
		t.Errorf("%d bytes in %d blocks, %v", st.Size, st.Blocks, err)
	}
	content, err := os.ReadFile(got)
	if err != nil || !bytes.HasPrefix(content, []byte("begin\x00")) || len(bytes.Trim(content[5:], "\x00")) > 0 {
		t.Errorf("its content is another, %v", err)
	}
}
