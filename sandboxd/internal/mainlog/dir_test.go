package mainlog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// Who floods loses the own oldest output; who writes little loses nothing, though it is older.
func TestAllLogsTogetherAreBounded(t *testing.T) {
	const total = 6000
	cfg := mainlog.Config{Path: t.TempDir(), LogBytes: 4000, TotalBytes: total}
	d := openDir(t, cfg)
	quiet := writeLog(t, d, "quiet")
	quiet.write(mainlog.Stdout, "a word\n")
	floods := []*writer{writeLog(t, d, "a"), writeLog(t, d, "b"), writeLog(t, d, "c")}
	for range 200 {
		for _, w := range floods {
			w.write(mainlog.Stdout, strings.Repeat("x", 75))
			if d.Bytes() > total {
				t.Fatalf("%d bytes", d.Bytes())
			}
		}
	}
	if got := read(t, quiet.Log, mainlog.Query{}); got != "a word\n" {
		t.Errorf("the quiet one has %q", got)
	}
	for _, w := range floods {
		if got := read(t, w.Log, mainlog.Query{}); !strings.HasPrefix(got, "[-") || strings.Count(got, "x") < 750 {
			t.Errorf("a flood has %.20q… of %d bytes", got, len(got))
		}
	}
	// A smaller bound counts from the next start on.
	cfg.TotalBytes = 2000
	again := openDir(t, cfg)
	if ids, err := again.IDs(); err != nil || again.Bytes() > 2000 || len(ids) != 4 || !slices.Contains(ids, "quiet") {
		t.Errorf("%d bytes in %v", again.Bytes(), ids)
	}
	if got := read(t, again.Read("quiet"), mainlog.Query{}); got != "a word\n" {
		t.Errorf("the quiet one has %q", got)
	}
}

// Even a log that is one growing segment gives way, and goes on where it was.
func TestBoundBelowOneSegment(t *testing.T) {
	cfg := mainlog.Config{Path: t.TempDir(), LogBytes: 8000, TotalBytes: 500}
	w := writeLog(t, openDir(t, cfg), "sb")
	for i := range 20 {
		w.write(mainlog.Stdout, fmt.Sprintf("%075d", i))
	}
	if w.dir.Bytes() > 500 || w.End() != 20*75 {
		t.Errorf("%d bytes, end %d", w.dir.Bytes(), w.End())
	}
	_ = w.Close()
	again := writeLog(t, openDir(t, cfg), "sb")
	if again.End() != 20*75 {
		t.Errorf("end %d after a restart", again.End())
	}
	if got := read(t, again.Log, mainlog.Query{}); !strings.HasSuffix(got, fmt.Sprintf("%075d", 19)) && got != "" {
		t.Errorf("got %q", got)
	}
}
