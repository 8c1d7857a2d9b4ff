package mainlog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

func shown(r mainlog.Record) string {
	if r.Lost > 0 {
		return fmt.Sprintf("[-%d]%s", r.Lost, r.Data)
	}
	return string(r.Data)
}

func TestQueries(t *testing.T) {
	w := open(t, t.TempDir(), 0)
	w.write(mainlog.Stdout, "one\ntw")
	w.write(mainlog.Stderr, "err\n")
	w.write(mainlog.Stdout, "o\nthree\nrest")
	for name, tc := range map[string]struct {
		query mainlog.Query
		want  string
	}{
		"all":             {mainlog.Query{}, "one\ntwerr\no\nthree\nrest"},
		"offset":          {mainlog.Query{Offset: 5}, "werr\no\nthree\nrest"},
		"offset at end":   {mainlog.Query{Offset: w.End()}, ""},
		"since":           {mainlog.Query{Since: start.Add(time.Second)}, "err\no\nthree\nrest"},
		"tail":            {mainlog.Query{TailLines: 2}, "three\nrest"},
		"tail of more":    {mainlog.Query{TailLines: 100}, "one\ntwerr\no\nthree\nrest"},
		"tail and since":  {mainlog.Query{TailLines: 3, Since: start.Add(2 * time.Second)}, "o\nthree\nrest"},
		"tail and offset": {mainlog.Query{TailLines: 4, Offset: 4}, "twerr\no\nthree\nrest"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, w.Log, tc.query); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	err := w.Read(t.Context(), mainlog.Query{}, func(r mainlog.Record) error {
		if r.Stream != mainlog.Stdout || !r.Time.Equal(start) || r.Offset != 6 {
			t.Errorf("first record %+v", r)
		}
		return os.ErrClosed
	})
	if !errors.Is(err, os.ErrClosed) {
		t.Errorf("the caller's error became %v", err)
	}
	err = w.Read(t.Context(), mainlog.Query{Offset: w.End() + 1}, func(mainlog.Record) error { return nil })
	if errdefs.ReasonOf(err) != "LOG_OFFSET_INVALID" {
		t.Errorf("behind the end: %v", err)
	}
}

func TestRotationDropsTheOldestAndSaysSo(t *testing.T) {
	path := t.TempDir()
	const limit = 4000
	w := open(t, path, limit)
	for i := range 400 {
		w.write(mainlog.Stdout, fmt.Sprintf("line %03d\n", i))
		if size := sizeOf(t, segments(t, path)...); size > limit || size != w.dir.Bytes() {
			t.Fatalf("after line %d the log takes %d bytes, and is said to take %d", i, size, w.dir.Bytes())
		}
	}
	for _, f := range segments(t, path) {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
	got := read(t, w.Log, mainlog.Query{})
	var lost int
	if _, err := fmt.Sscanf(got, "[-%d]line", &lost); err != nil {
		t.Fatalf("nothing says what is missing: %q", got)
	}
	if first := fmt.Sprintf("]line %03d\n", lost/9); lost%9 != 0 || !strings.Contains(got, first) || !strings.HasSuffix(got, "line 398\nline 399\n") {
		t.Errorf("%d bytes are said to be missing from %q", lost, got)
	}
	if kept := 400*9 - lost; kept < 800 { // 7/8 of the bound, less the headers
		t.Errorf("%d bytes are kept", kept)
	}
	// Who did not ask for what is missing is told nothing.
	for name, q := range map[string]mainlog.Query{"tail": {TailLines: 2}, "since": {Since: start.Add(398 * time.Second)}, "offset": {Offset: 398 * 9}} {
		if got := read(t, w.Log, q); got != "line 398\nline 399\n" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := read(t, w.Log, mainlog.Query{TailLines: 10000}); !strings.HasPrefix(got, "[-") {
		t.Errorf("more lines than there are: %q", got[:30])
	}
}

func TestFollowerLosesNothingOverRotations(t *testing.T) {
	w := open(t, t.TempDir(), 1000)
	const lines = 300
	got := make(chan string, lines)
	done := make(chan error, 1)
	go func() {
		done <- w.Read(t.Context(), mainlog.Query{Follow: true}, func(r mainlog.Record) error { got <- shown(r); return nil })
	}()
	for i := range lines {
		line := fmt.Sprintf("line %03d\n", i)
		w.write(mainlog.Stdout, line)
		if have := <-got; have != line {
			t.Fatalf("got %q, want %q", have, line)
		}
	}
	_ = w.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A follower that stands still while the log is rotated over it keeps the segment that it is in, and is told of the rest.
func TestSlowFollowerIsToldWhatItMissed(t *testing.T) {
	w := open(t, t.TempDir(), 2000)
	w.write(mainlog.Stdout, "line 000\n")
	reached, goOn := make(chan bool), make(chan bool)
	var got strings.Builder
	done := make(chan error, 1)
	go func() {
		first := true
		done <- w.Read(t.Context(), mainlog.Query{Follow: true}, func(r mainlog.Record) error {
			if first {
				first = false
				reached <- true
				<-goOn
			}
			got.WriteString(shown(r))
			return nil
		})
	}()
	<-reached
	for i := 1; i < 500; i++ {
		w.write(mainlog.Stdout, fmt.Sprintf("line %03d\n", i))
	}
	_ = w.Close()
	goOn <- true
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	text := got.String()
	before, after, found := strings.Cut(text, "[-")
	var lost int
	if _, err := fmt.Sscanf(after, "%d]", &lost); err != nil || !found || strings.Contains(after, "[-") {
		t.Fatalf("got %q", text)
	}
	_, after, _ = strings.Cut(after, "]")
	if !strings.HasPrefix(before, "line 000\nline 001\n") || !strings.HasSuffix(after, "line 499\n") || len(before)+lost+len(after) != 500*9 {
		t.Errorf("%d + %d + %d bytes of %d", len(before), lost, len(after), 500*9)
	}
}

func TestFollowerEndsWithItsContext(t *testing.T) {
	w := open(t, t.TempDir(), 0)
	ctx, cancel := context.WithCancel(t.Context())
	w.write(mainlog.Stdout, "x")
	err := w.Read(ctx, mainlog.Query{Follow: true}, func(mainlog.Record) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestOneWriter(t *testing.T) {
	w := open(t, t.TempDir(), 0)
	if _, err := w.dir.Write("sb"); err == nil {
		t.Error("a second writer was let in")
	}
	_ = w.Close()
	if err := w.Append(w.record(mainlog.Stdout, "x")); err == nil {
		t.Error("a closed log took a record")
	}
	again := writeLog(t, w.dir, "sb")
	again.write(mainlog.Stdout, "y")
	if got := read(t, again.Log, mainlog.Query{}); got != "y" {
		t.Errorf("got %q", got)
	}
}

// Who resumes can tell whether it does so within a line.
func TestMidLine(t *testing.T) {
	w := open(t, t.TempDir(), 400) // a segment for every record
	for _, data := range []string{"one\ntw", "o\n", "three\n"} {
		w.write(mainlog.Stdout, data)
	}
	for offset, want := range map[uint64]bool{0: false, 1: true, 4: false, 5: true, 6: true, 7: true, 8: false, 9: true} {
		var first *mainlog.Record
		err := w.Read(t.Context(), mainlog.Query{Offset: offset}, func(r mainlog.Record) error {
			if first == nil {
				first = &r
			}
			return nil
		})
		if err != nil || first == nil || first.MidLine != want {
			t.Errorf("offset %d: %+v, %v", offset, first, err)
		}
	}
	var tail []bool
	if err := w.Read(t.Context(), mainlog.Query{TailLines: 2}, func(r mainlog.Record) error { tail = append(tail, r.MidLine); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(tail) != 3 || tail[0] || !tail[1] || tail[2] {
		t.Errorf("the tail's records: %v", tail)
	}
}
