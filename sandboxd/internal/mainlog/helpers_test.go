package mainlog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// writer writes one log of a directory.
type writer struct {
	*mainlog.Log

	t   *testing.T
	dir *mainlog.Dir
	n   int
}

func openDir(t *testing.T, cfg mainlog.Config) *mainlog.Dir {
	t.Helper()
	d, err := mainlog.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func writeLog(t *testing.T, d *mainlog.Dir, id string) *writer {
	t.Helper()
	l, err := d.Write(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return &writer{Log: l, t: t, dir: d}
}

// open opens the log sb in a directory of its own at path.
func open(t *testing.T, path string, limit int64) *writer {
	t.Helper()
	return writeLog(t, openDir(t, mainlog.Config{Path: path, LogBytes: limit}), "sb")
}

// record is the next one, a second after the one before.
func (w *writer) record(stream mainlog.Stream, data string) mainlog.Record {
	w.n++
	return mainlog.Record{
		Offset: w.End() + uint64(len(data)), Time: start.Add(time.Duration(w.n-1) * time.Second), Stream: stream, Data: []byte(data),
	}
}

func (w *writer) write(stream mainlog.Stream, data string) {
	w.t.Helper()
	if err := w.Append(w.record(stream, data)); err != nil {
		w.t.Fatal(err)
	}
}

// read returns what q asks for, with [-n] where n bytes are missing.
func read(t *testing.T, l *mainlog.Log, q mainlog.Query) string {
	t.Helper()
	var b strings.Builder
	if err := l.Read(t.Context(), q, func(r mainlog.Record) error { b.WriteString(shown(r)); return nil }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// segments are the files of the log sb, the oldest first.
func segments(t *testing.T, path string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(path, "sb.log", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("segments %v: %v", files, err)
	}
	return files
}

func sizeOf(t *testing.T, files ...string) (size int64) {
	t.Helper()
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}
