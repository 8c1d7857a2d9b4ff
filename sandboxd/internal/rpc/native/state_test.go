package native

import (
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// TestEveryStateHasItsWord holds the table of states and this API's enum to each other, both ways.
func TestEveryStateHasItsWord(t *testing.T) {
	seen := map[sandboxv1.SandboxState]sandbox.State{sandboxv1.SandboxState_SANDBOX_STATE_UNSPECIFIED: "never answered"}
	for _, s := range sandbox.States() {
		wire := stateToProto(s)
		if before, taken := seen[wire]; taken {
			t.Errorf("%s is %v, which is %s", s, wire, before)
		}
		seen[wire] = s
	}
	for number, name := range sandboxv1.SandboxState_name {
		if _, ok := seen[sandboxv1.SandboxState(number)]; !ok {
			t.Errorf("no state is %s", name)
		}
	}
}
