package sandbox

import "slices"

// State is where a sandbox is in its life.
type State string

// The states. Completed and Failed are final.
const (
	Creating  State = "CREATING"
	Running   State = "RUNNING"
	Stopping  State = "STOPPING"
	Completed State = "COMPLETED"
	Failed    State = "FAILED"
)

var moves = map[State][]State{
	Creating:  {Running, Stopping, Failed},
	Running:   {Stopping, Completed, Failed},
	Stopping:  {Completed, Failed},
	Completed: nil,
	Failed:    nil,
}

// CanMove says whether a sandbox in state s may go to state to.
func (s State) CanMove(to State) bool { return slices.Contains(moves[s], to) }

// Ended says whether s is final.
func (s State) Ended() bool { return s == Completed || s == Failed }
