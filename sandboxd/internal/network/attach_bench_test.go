package network_test

import (
	"fmt"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/network"
)

// BenchmarkAttach measures what a network adds to the making of a sandbox.
func BenchmarkAttach(b *testing.B) {
	newWorld(b)
	n := open(b, func(c *network.Config) { c.MaxSandboxes = 1 << 14 })
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		s, id := newSpace(b), fmt.Sprintf("sb-%d", i)
		b.StartTimer()
		if err := n.Attach(b.Context(), id, internet, s.fd); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := n.Detach(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkDetach measures what the end of one takes.
func BenchmarkDetach(b *testing.B) {
	newWorld(b)
	n := open(b, func(c *network.Config) { c.MaxSandboxes = 1 << 14 })
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		id := fmt.Sprintf("sb-%d", i)
		attach(b, n, id, internet)
		b.StartTimer()
		if err := n.Detach(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
}
