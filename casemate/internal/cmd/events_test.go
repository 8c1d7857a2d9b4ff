package cmd

import (
	"strings"
	"testing"
)

func TestEvents(t *testing.T) {
	startHost(t)
	got := commandLine(t, "", "events", "--follow", "sb-1")
	want := `2026-11-25 01:02:03         +0s  created           python:3.11 (by ada)
2026-11-25 01:02:03       +18ms  running
2026-11-25 01:03:05       +1m2s  stop ordered      grace 10s (by ada)
2026-11-25 01:03:06       +1m3s  ended             COMPLETED, stopped\u001b[2J\u000a, exit code 0
`
	if got.stdout != want || got.code != 0 {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	got = commandLine(t, "", "-o", "json", "events", "sb-1")
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	if len(lines) != 4 || !strings.Contains(lines[1], `{"sequence":"8","sandbox":"teams/ml/sandboxes/sb-1",`) || got.code != 0 {
		t.Errorf("got %+v", got)
	}
	if got := commandLine(t, "", "events", "other"); got.code != exitError || !strings.Contains(got.stderr, "sandbox other does") {
		t.Errorf("got %+v", got)
	}
	if got := commandLine(t, "", "events", "a", "b"); got.code != exitUsage {
		t.Errorf("two sandboxes: %+v", got)
	}
}
