package runtimetest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// What a command may write is bounded: one that goes on is killed, with all of its group.
func testOutputLimit(t *testing.T, s *suite) {
	const most = 100_000
	r := s.runtime(t)
	b, neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{}), NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	run := func(script string) Result {
		return b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", script}, MaxOutput: most})
	}
	write := func(n int) string { return "head -c " + strconv.Itoa(n) + " /dev/zero | tr '\\0' x" }

	wantResult(t, "as much as it may", run(write(most)+"; exit 3"), Result{Stdout: strings.Repeat("x", most), Code: 3})
	wantResult(t, "a byte more", run(write(most)+"; echo -n y; exit 3"), Result{Stdout: strings.Repeat("x", most), Code: 137, OutputExceeded: true})
	wantResult(t, "both streams together", run(write(most/2)+"; "+write(most)+" >&2; sleep 600"),
		Result{Stdout: strings.Repeat("x", most/2), Stderr: strings.Repeat("x", most/2), Code: 137, OutputExceeded: true})
	// Two bytes a character, and an odd number of bytes before the first.
	wantResult(t, "characters stay whole", run("echo -n x; while :; do echo -n ééééééééé; done"),
		Result{Stdout: "x" + strings.Repeat("é", most/2-1), Code: 137, OutputExceeded: true})

	// Three floods at a time, each with two that write.
	floods := make(chan Result)
	for range 3 {
		go func() { floods <- run("yes flood & exec yes flood") }()
	}
	wantResult(t, "a neighbour's command meanwhile", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
	for range 3 {
		if got := <-floods; len(got.Stdout) != most || got.Code != 137 || !got.OutputExceeded {
			t.Errorf("a flood: %d bytes, exit code %d, exceeded: %v", len(got.Stdout), got.Code, got.OutputExceeded)
		}
	}
	wantResult(t, "what is left of floods", b.Sh("i=0; while pidof yes >/dev/null && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done; pidof yes; echo ."), Result{Stdout: ".\n"})
	wantResult(t, "no limit", b.Sh(write(most+1)+" | wc -c"), Result{Stdout: strconv.Itoa(most+1) + "\n"})
}
