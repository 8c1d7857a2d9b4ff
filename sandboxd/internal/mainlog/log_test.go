package mainlog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

type writer struct {
	t   *testing.T
	log *mainlog.Log
	n   int
}

// write appends one record a second.
func (w *writer) write(stream mainlog.Stream, data string) {
	w.t.Helper()
	r := mainlog.Record{Offset: w.log.End() + uint64(len(data)), Time: start.Add(time.Duration(w.n) * time.Second), Stream: stream, Data: []byte(data)}
	if err := w.log.Append(r); err != nil {
		w.t.Fatal(err)
	}
	w.n++
}

func open(t *testing.T, path string, limit int64) *writer {
	t.Helper()
	l, err := mainlog.Open(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return &writer{t: t, log: l}
}

func read(t *testing.T, l *mainlog.Log, q mainlog.Query) string {
	t.Helper()
	var b strings.Builder
	if err := l.Read(t.Context(), q, func(r mainlog.Record) error { b.Write(r.Data); return nil }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestQueries(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "l"), 0)
	w.write(mainlog.Stdout, "one\ntw")
	w.write(mainlog.Stderr, "err\n")
	w.write(mainlog.Stdout, "o\nthree\nrest")
	for name, tc := range map[string]struct {
		query mainlog.Query
		want  string
	}{
		"all":             {mainlog.Query{}, "one\ntwerr\no\nthree\nrest"},
		"offset":          {mainlog.Query{Offset: 5}, "werr\no\nthree\nrest"},
		"offset at end":   {mainlog.Query{Offset: w.log.End()}, ""},
		"since":           {mainlog.Query{Since: start.Add(time.Second)}, "err\no\nthree\nrest"},
		"tail":            {mainlog.Query{TailLines: 2}, "three\nrest"},
		"tail of more":    {mainlog.Query{TailLines: 100}, "one\ntwerr\no\nthree\nrest"},
		"tail and since":  {mainlog.Query{TailLines: 3, Since: start.Add(2 * time.Second)}, "o\nthree\nrest"},
		"tail and offset": {mainlog.Query{TailLines: 4, Offset: 4}, "twerr\no\nthree\nrest"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, w.log, tc.query); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	err := w.log.Read(t.Context(), mainlog.Query{}, func(r mainlog.Record) error {
		if r.Stream != mainlog.Stdout || !r.Time.Equal(start) || r.Offset != 6 {
			t.Errorf("first record %+v", r)
		}
		return os.ErrClosed
	})
	if !errors.Is(err, os.ErrClosed) {
		t.Errorf("the caller's error became %v", err)
	}
}

func TestRotationDropsTheOldest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l")
	w := open(t, path, 2000)
	for i := range 200 {
		w.write(mainlog.Stdout, fmt.Sprintf("line %03d\n", i))
	}
	var size int64
	for _, p := range []string{path, path + ".1"} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", p, info.Mode())
		}
	}
	if size > 2000 {
		t.Errorf("the log takes %d bytes", size)
	}
	got := read(t, w.log, mainlog.Query{})
	if !strings.HasSuffix(got, "line 198\nline 199\n") || strings.Contains(got, "line 000") || len(got) < 300 {
		t.Errorf("kept %q", got)
	}
}

func TestFollowerLosesNothingOverRotations(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "l"), 1000)
	const lines = 300
	got := make(chan string, lines)
	done := make(chan error, 1)
	go func() {
		done <- w.log.Read(t.Context(), mainlog.Query{Follow: true}, func(r mainlog.Record) error { got <- string(r.Data); return nil })
	}()
	for i := range lines {
		line := fmt.Sprintf("line %03d\n", i)
		w.write(mainlog.Stdout, line)
		if have := <-got; have != line {
			t.Fatalf("got %q, want %q", have, line)
		}
	}
	w.log.Finish()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFollowerEndsWithItsContext(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "l"), 0)
	ctx, cancel := context.WithCancel(t.Context())
	w.write(mainlog.Stdout, "x")
	err := w.log.Read(ctx, mainlog.Query{Follow: true}, func(mainlog.Record) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestReopenGoesOnAfterATornRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l")
	w := open(t, path, 0)
	w.write(mainlog.Stdout, "whole\n")
	w.write(mainlog.Stdout, "torn\n")
	if err := w.log.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-2); err != nil {
		t.Fatal(err)
	}
	w = open(t, path, 0)
	if w.log.End() != 6 {
		t.Errorf("end %d, want 6", w.log.End())
	}
	w.write(mainlog.Stdout, "next\n")
	if got := read(t, w.log, mainlog.Query{}); got != "whole\nnext\n" {
		t.Errorf("got %q", got)
	}
}

func TestRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l")
	w := open(t, path, 100)
	w.write(mainlog.Stdout, strings.Repeat("x", 50))
	w.write(mainlog.Stdout, "y")
	for range 2 {
		if err := mainlog.Remove(path); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
