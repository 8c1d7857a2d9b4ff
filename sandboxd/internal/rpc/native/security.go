package native

import (
	"reflect"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func securityFromProto(p *sandboxv1.SecurityContext) sandbox.Security {
	return sandbox.Security{
		NonRoot: p.GetRunAsNonRoot(), ReadOnlyRoot: p.GetReadOnlyRoot(), Drop: p.GetDropCapabilities(), Add: p.GetAddCapabilities(),
	}
}

// securityToProto is absent for what every sandbox has.
func securityToProto(s sandbox.Security) *sandboxv1.SecurityContext {
	if reflect.ValueOf(s).IsZero() {
		return nil
	}
	return &sandboxv1.SecurityContext{
		RunAsNonRoot: s.NonRoot, ReadOnlyRoot: s.ReadOnlyRoot, DropCapabilities: s.Drop, AddCapabilities: s.Add,
	}
}
