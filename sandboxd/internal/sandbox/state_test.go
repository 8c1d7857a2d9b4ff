package sandbox_test

import (
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// TestMoves has every move by hand: what is not here is none.
func TestMoves(t *testing.T) {
	type move struct{ from, to sandbox.State }
	allowed := map[move]bool{
		{sandbox.Creating, sandbox.Running}: true, {sandbox.Creating, sandbox.Stopping}: true, {sandbox.Creating, sandbox.Failed}: true,
		{sandbox.Running, sandbox.Stopping}: true, {sandbox.Running, sandbox.Completed}: true, {sandbox.Running, sandbox.Failed}: true,
		{sandbox.Stopping, sandbox.Completed}: true, {sandbox.Stopping, sandbox.Failed}: true,
	}
	for _, from := range append(sandbox.States(), "NONSENSE") {
		for _, to := range append(sandbox.States(), "NONSENSE") {
			if from.CanMove(to) != allowed[move{from, to}] {
				t.Errorf("%s to %s: %v", from, to, from.CanMove(to))
			}
			if from.Ended() && from.CanMove(to) {
				t.Errorf("%s has ended and can go to %s", from, to)
			}
		}
	}
}
