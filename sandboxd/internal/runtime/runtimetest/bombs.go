package runtimetest

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// testBombs has a sandbox take as much as it can of everything that the kernel keeps for it, while a neighbour works: either
// the kernel says no to it, or the memory limit ends it.
func testBombs(t *testing.T, s *suite) {
	for _, kind := range []string{"files", "eventfds", "pipes", "sockets", "passed", "memfds", "mappings", "sessions"} {
		t.Run(kind, func(t *testing.T) {
			r := s.runtime(t)
			limits := Limits
			limits.MemoryBytes = 128 << 20
			b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
			neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
			p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"probe", "bomb", kind}})
			mustDo(t, err)
			defer p.Close()
			for range 20 {
				wantResult(t, "a neighbour's command", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
			}
			e, err := p.Recv()
			if err != nil && s.differs(OOMEndsSandbox) {
				b.wantEndedByOOM()
				return
			}
			mustDo(t, err)
			switch {
			case e.Kind == agent.Exit && e.OOMKilled:
			case e.Kind == agent.Stdout && strings.Contains(string(e.Data), "E"):
				mustDo(t, p.Signal(9))
				if end := Collect(t, p); end.Code != 137 {
					t.Errorf("it ended as %+v", end)
				}
			default:
				t.Errorf("it ended as %+v", e)
			}
			wantResult(t, "a command after it", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
		})
	}
}
