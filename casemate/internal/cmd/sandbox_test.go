package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPsShowsAllPages(t *testing.T) {
	startHost(t)
	got := commandLine(t, "", "ps", "-a")
	want := `SANDBOX   IMAGE         STATE                CREATED   ENDS   SECRETS    TAGS   REASON
sb-1      python:3.11   running              -         -      HF_TOKEN   -      -
sb-2      x             completed (exit 3)   -         -      -          -      -
`
	if got.stdout != want || got.code != 0 {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	if got := commandLine(t, "", "ps", "-q"); got.stdout != "sb-1\nsb-2\n" {
		t.Errorf("ps -q: %+v", got)
	}
}

func TestLogsKeepTheStreamsApart(t *testing.T) {
	startHost(t)
	if got, want := commandLine(t, "", "logs", "sb-1"), (result{0, "to stdout\n", "to stderr\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStopGoesOnAfterAFailure(t *testing.T) {
	h := startHost(t)
	got := commandLine(t, "", "stop", "sb-1", "other", "sb-2", "another")
	if got.code != exitError || got.stdout != "sb-1 is stopped\nsb-2 is stopped\n" || strings.Count(got.stderr, "casemate: error: ") != 2 ||
		!strings.Contains(got.stderr, "sandbox other does") || !strings.Contains(got.stderr, "sandbox another does") {
		t.Errorf("got %+v", got)
	}
	if len(h.stopped) != 2 || h.stopped[0] != "teams/-/sandboxes/sb-1" {
		t.Errorf("stopped %v", h.stopped)
	}
}

func TestImageImport(t *testing.T) {
	startHost(t)
	archive := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(archive, make([]byte, 3<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	got := commandLine(t, "", "-o", "json", "image", "import", archive, "python:3.11")
	if got.code != 0 || !strings.Contains(got.stdout, `"size_bytes": "3145729"`) || !strings.Contains(got.stdout, `"name": "python:3.11"`) || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
	if err := os.WriteFile(archive, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = commandLine(t, "", "image", "import", archive, "x")
	if want := "casemate: error: the upload is no image archive\ncasemate: hint: " + hints["IMAGE_ARCHIVE_INVALID"] + "\n"; got.code != exitError || got.stderr != want {
		t.Errorf("got %+v, want %q", got, want)
	}
}
