package coreweave

import (
	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// state is this API's word for a state, by the one table of states. It is never STATE_UNSPECIFIED, which the SDK takes for
// the end of the sandbox: it would then leak it.
func state(s sandbox.State) sandboxv1.State {
	if number, ok := sandboxv1.State_value[s.WireNames().CoreWeave]; ok {
		return sandboxv1.State(number)
	}
	return sandboxv1.State_STATE_CREATING
}

// coreStates are the core's states that a filter for s lets through; none for the states that Casemate does not have.
func coreStates(s sandboxv1.State) []sandbox.State {
	for _, c := range sandbox.States() {
		if state(c) == s {
			return []sandbox.State{c}
		}
	}
	return nil
}
