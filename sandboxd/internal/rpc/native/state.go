package native

import (
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// stateToProto is this API's word for a state, by the one table of states.
func stateToProto(s sandbox.State) sandboxv1.SandboxState {
	return sandboxv1.SandboxState(sandboxv1.SandboxState_value[s.WireNames().Native])
}
