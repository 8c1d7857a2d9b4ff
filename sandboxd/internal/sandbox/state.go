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

// WireNames are what the two APIs call a state: values of casemate.sandbox.v1.SandboxState and coreweave.sandbox.v1.State.
type WireNames struct{ Native, CoreWeave string }

type stateRow struct {
	state State
	moves []State
	wire  WireNames
}

// states is the one table of a sandbox's life. The store makes no other move, and the fronts have no other words. A creation
// that fails leaves no record, so that it needs no state.
var states = []stateRow{
	{Creating, []State{Running, Stopping, Failed}, WireNames{"SANDBOX_STATE_CREATING", "STATE_CREATING"}},
	{Running, []State{Stopping, Completed, Failed}, WireNames{"SANDBOX_STATE_RUNNING", "STATE_RUNNING"}},
	{Stopping, []State{Completed, Failed}, WireNames{"SANDBOX_STATE_STOPPING", "STATE_TERMINATING"}},
	{Completed, nil, WireNames{"SANDBOX_STATE_COMPLETED", "STATE_COMPLETED"}},
	{Failed, nil, WireNames{"SANDBOX_STATE_FAILED", "STATE_FAILED"}},
}

// States are all states, in the order in which a sandbox comes to them.
func States() []State {
	all := make([]State, len(states))
	for i, row := range states {
		all[i] = row.state
	}
	return all
}

// CanMove says whether a sandbox in state s may go to state to.
func (s State) CanMove(to State) bool { return slices.Contains(s.row().moves, to) }

// Ended says whether s is final.
func (s State) Ended() bool { return s == Completed || s == Failed }

// WireNames are what the APIs call s; empty for what is no state.
func (s State) WireNames() WireNames { return s.row().wire }

func (s State) row() stateRow {
	for _, row := range states {
		if row.state == s {
			return row
		}
	}
	return stateRow{}
}
