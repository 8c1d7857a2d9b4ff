package runtimetest

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// testBombs has a sandbox take as much as it can of everything that is the kernel's, or fill every way out, while a neighbour
// works: either the kernel says no to it, or the memory limit ends it. Nothing may be taken from the host's own stock: what
// all open files of the host are bounded by stays far.
func testBombs(t *testing.T, s *suite) {
	for name, argv := range map[string][]string{
		"files":              {"probe", "bomb", "files"},
		"event descriptors":  {"probe", "bomb", "eventfds"},
		"full pipes":         {"probe", "bomb", "pipes"},
		"full sockets":       {"probe", "bomb", "sockets"},
		"passed descriptors": {"probe", "bomb", "passed"},
		"files in memory":    {"probe", "bomb", "memfds"},
		"page tables":        {"probe", "bomb", "mappings"},
		"sessions":           {"probe", "bomb", "sessions"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.runtime(t)
			limits := Limits
			limits.MemoryBytes = 128 << 20
			b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
			neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
			before := hostFiles(t)
			p, err := b.Exec(Context(t), agent.ExecRequest{Argv: argv})
			mustDo(t, err)
			defer p.Close()
			for range 20 {
				wantResult(t, "a neighbour's command", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
			}
			e, err := p.Recv()
			mustDo(t, err)
			switch {
			case e.Kind == agent.Exit && e.OOMKilled:
			case e.Kind == agent.Stdout && strings.ContainsAny(string(e.Data), "E"):
				mustDo(t, p.Signal(9))
				if end := Collect(t, p); end.Code != 137 {
					t.Errorf("it ended as %+v", end)
				}
			default:
				t.Errorf("it ended as %+v", e)
			}
			t.Logf("%s: %q, oom killed: %v, files of the host: %+d", name, e.Data, e.OOMKilled, hostFiles(t)-before)
			wantResult(t, "a command after it", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
		})
	}
}

// hostFiles is how many files all of the host has open.
func hostFiles(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/fs/file-nr")
	mustDo(t, err)
	n, err := strconv.Atoi(strings.Fields(string(text))[0])
	mustDo(t, err)
	return n
}
