package mainlog_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// A crash can leave any beginning of the last record, or other bytes in its place.
func TestReopenGoesOnAfterATornRecord(t *testing.T) {
	path := t.TempDir()
	w := open(t, path, 0)
	w.write(mainlog.Stdout, "whole\n")
	whole := sizeOf(t, segments(t, path)...)
	w.write(mainlog.Stdout, "torn\n")
	_ = w.Close()
	file := segments(t, path)[0]
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{
		"its data are others":      append(bytes.Clone(content[:len(content)-2]), 'X', '\n'),
		"it is zeros":              append(bytes.Clone(content[:whole]), make([]byte, int64(len(content))-whole)...),
		"it is a page of zeros":    append(bytes.Clone(content[:whole]), make([]byte, 4096)...),
		"it is of no known stream": append(bytes.Clone(content[:whole]), ofStream(0, content[whole:])...),
	}
	for n := whole + 1; n < int64(len(content)); n++ {
		damaged["cut at "+string(rune('0'+n-whole))] = content[:n]
	}
	for name, content := range damaged {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		// Read alone, before a writer comes, shows no more.
		if got := read(t, openDir(t, mainlog.Config{Path: path}).Read("sb"), mainlog.Query{}); got != "whole\n" {
			t.Errorf("%s: read %q", name, got)
		}
		w := open(t, path, 0)
		if w.End() != 6 || sizeOf(t, file) != whole || w.dir.Bytes() != whole {
			t.Errorf("%s: end %d, %d bytes in the file, %d said", name, w.End(), sizeOf(t, file), w.dir.Bytes())
		}
		w.write(mainlog.Stdout, "next\n")
		if got := read(t, w.Log, mainlog.Query{}); got != "whole\nnext\n" {
			t.Errorf("%s: got %q", name, got)
		}
		_ = w.Close()
	}
}

// ofStream is a record with another stream and the sum that fits.
func ofStream(stream mainlog.Stream, record []byte) []byte {
	record = bytes.Clone(record)
	record[24] = byte(stream)
	binary.BigEndian.PutUint32(record, crc32.Checksum(record[4:], crc32.MakeTable(crc32.Castagnoli)))
	return record
}

// After a rotation that nothing was written behind, the log still knows where it was.
func TestReopenOfAnEmptySegmentGoesOn(t *testing.T) {
	path := t.TempDir()
	w := open(t, path, 800)
	for range 10 {
		w.write(mainlog.Stdout, strings.Repeat("x", 90))
	}
	_ = w.Close()
	newest := segments(t, path)[len(segments(t, path))-1]
	if err := os.Truncate(newest, 0); err != nil {
		t.Fatal(err)
	}
	if w := open(t, path, 800); w.End() != 810 {
		t.Errorf("end %d, want 810", w.End())
	}
}

// A bad block takes the rest of its segment, not the log.
func TestDamageInTheMiddleIsToldOf(t *testing.T) {
	path := t.TempDir()
	w := open(t, path, 8000)
	for range 60 {
		w.write(mainlog.Stdout, strings.Repeat("x", 75)) // 100 bytes on disk: ten a segment
	}
	file := segments(t, path)[1]
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[450] ^= 1 // in the fifth record
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, w.Log, mainlog.Query{}), strings.Repeat("x", 14*75)+"[-450]"+strings.Repeat("x", 40*75); got != want {
		t.Errorf("got %q", got)
	}
}

func TestRemove(t *testing.T) {
	path := t.TempDir()
	w := open(t, path, 100)
	w.write(mainlog.Stdout, strings.Repeat("x", 50))
	w.write(mainlog.Stdout, "y")
	for _, there := range []bool{true, false} {
		if removed, err := w.dir.Remove("sb"); err != nil || removed != there {
			t.Error(removed, err)
		}
	}
	if left, _ := filepath.Glob(path + "/*"); len(left) > 0 || w.dir.Bytes() != 0 {
		t.Errorf("left: %v, %d bytes", left, w.dir.Bytes())
	}
	if got := read(t, w.dir.Read("sb"), mainlog.Query{Follow: true}); got != "" {
		t.Errorf("a removed log has %q", got)
	}
}

// An earlier sandboxd had files where directories are now.
func TestLogsOfTheOldFormGo(t *testing.T) {
	path := t.TempDir()
	for _, name := range []string{"sb.log", "sb.log.1"} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := open(t, path, 0)
	w.write(mainlog.Stdout, "new")
	if got := read(t, w.Log, mainlog.Query{}); got != "new" {
		t.Errorf("got %q", got)
	}
}

// A full disk loses what comes meanwhile and nothing else; whoever reads is told how much that was.
func TestFullDisk(t *testing.T) {
	path := t.TempDir()
	if err := unix.Mount("tmpfs", path, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal("mounting a small file system, which needs root: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(path, unix.MNT_DETACH) })
	w := open(t, path, 1<<20)
	w.write(mainlog.Stdout, "before\n")
	filler := filepath.Join(path, "filler")
	if err := os.WriteFile(filler, make([]byte, 64<<10), 0o600); !errors.Is(err, unix.ENOSPC) {
		t.Fatal("the disk has still room: ", err)
	}
	lost := w.record(mainlog.Stdout, strings.Repeat("x", 8<<10))
	for range 3 {
		if err := w.Append(lost); !errors.Is(err, unix.ENOSPC) {
			t.Fatalf("on a full disk: %v", err)
		}
	}
	if got := read(t, w.Log, mainlog.Query{}); got != "before\n" {
		t.Errorf("meanwhile: %q", got)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	after := w.record(mainlog.Stdout, "after\n")
	after.Offset += uint64(len(lost.Data)) // the writer went on without it
	if err := w.Append(after); err != nil {
		t.Fatal(err)
	}
	if got := read(t, w.Log, mainlog.Query{}); got != "before\n[-8192]after\n" {
		t.Errorf("afterwards: %q", got)
	}
	_ = w.Close()
	if got := read(t, open(t, path, 1<<20).Log, mainlog.Query{}); got != "before\n[-8192]after\n" {
		t.Errorf("after a restart: %q", got)
	}
}
