package coreweave

import (
	"slices"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// neverAnswered are the states of the wire that Casemate's sandboxes are never in, and what the SDK would make of them.
var neverAnswered = map[sandboxv1.State]string{
	sandboxv1.State_STATE_UNSPECIFIED: "the end, when it polls, so that it would leak the sandbox",
	sandboxv1.State_STATE_PENDING:     "CREATING: a placement that Casemate does not have",
	sandboxv1.State_STATE_PREPARING:   "CREATING: volumes that Casemate does not have",
	sandboxv1.State_STATE_PAUSED:      "RUNNING: Casemate pauses nothing",
	sandboxv1.State_STATE_TERMINATED:  "an error out of wait; deprecated",
}

// TestEveryStateHasItsWord holds the table of states and the SDK's enum to each other, both ways, and to the filter.
func TestEveryStateHasItsWord(t *testing.T) {
	seen := map[sandboxv1.State]bool{}
	for _, s := range sandbox.States() {
		wire := state(s)
		if sandboxv1.State_name[int32(wire)] != s.WireNames().CoreWeave || neverAnswered[wire] != "" || seen[wire] {
			t.Errorf("%s is answered as %v, the table says %s", s, wire, s.WireNames().CoreWeave)
		}
		if got := coreStates(wire); !slices.Equal(got, []sandbox.State{s}) {
			t.Errorf("the filter %v lets %v through, want %s", wire, got, s)
		}
		seen[wire] = true
	}
	for number, name := range sandboxv1.State_name {
		wire := sandboxv1.State(number)
		if seen[wire] == (neverAnswered[wire] != "") {
			t.Errorf("%s: answered %v, never answered because %q", name, seen[wire], neverAnswered[wire])
		}
		if !seen[wire] && len(coreStates(wire)) > 0 {
			t.Errorf("the filter %s lets %v through", name, coreStates(wire))
		}
	}
}

// TestFinalStatesAreTheSDKs: the SDK sends no DeleteSandbox once it has seen a final state, and polls for ever until then.
func TestFinalStatesAreTheSDKs(t *testing.T) {
	for _, s := range sandbox.States() {
		final := state(s) == sandboxv1.State_STATE_COMPLETED || state(s) == sandboxv1.State_STATE_FAILED
		if s.Ended() != final {
			t.Errorf("%s: final %v here, %v for the SDK", s, s.Ended(), final)
		}
	}
}
