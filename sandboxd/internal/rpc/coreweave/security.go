package coreweave

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func refuseSecurityContext(s *sandboxv1.SecurityContext, v *violations) {
	const field = containerField + ".security_context"
	v.refuse(s.GetPrivileged(), field+".privileged",
		"Casemate runs no privileged sandboxes: such a one would have the host; ask for single capabilities in capabilities_add")
	v.refuse(s.GetAllowPrivilegeEscalation(), field+".allow_privilege_escalation",
		"no process of a sandbox may gain rights by executing a file (no_new_privs is always on); leave it unset or false")
	v.refuse(s.GetSeccompProfile() != "" && s.GetSeccompProfile() != "RuntimeDefault", field+".seccomp_profile",
		"the one profile there is, RuntimeDefault, is always on")
	v.refuse(s != nil && s.RunAsGroup != nil && s.RunAsUser == nil, field+".run_as_group", "needs run_as_user")
}

func security(s *sandboxv1.SecurityContext) sandbox.Security {
	return sandbox.Security{ReadOnlyRoot: s.GetReadOnlyRootFilesystem(), Drop: s.GetCapabilitiesDrop(), Add: s.GetCapabilitiesAdd()}
}

func user(s *sandboxv1.SecurityContext) string {
	switch {
	case s == nil || s.RunAsUser == nil:
		return ""
	case s.RunAsGroup == nil:
		return strconv.FormatUint(uint64(s.GetRunAsUser()), 10)
	default:
		return strconv.FormatUint(uint64(s.GetRunAsUser()), 10) + ":" + strconv.FormatUint(uint64(s.GetRunAsGroup()), 10)
	}
}

// securityContext says what user and security read. It is absent where they would read nothing, and has no user where that is a
// name: this API has none for it.
func securityContext(s sandbox.Spec) *sandboxv1.SecurityContext {
	out := &sandboxv1.SecurityContext{CapabilitiesAdd: s.Security.Add, CapabilitiesDrop: s.Security.Drop}
	if s.Security.ReadOnlyRoot {
		out.ReadOnlyRootFilesystem = proto.Bool(true)
	}
	uid, gid, hasGroup := strings.Cut(s.User, ":")
	if n, err := strconv.ParseUint(uid, 10, 32); err == nil {
		out.RunAsUser = proto.Uint32(uint32(n))
		if n, err := strconv.ParseUint(gid, 10, 32); hasGroup && err == nil {
			out.RunAsGroup = proto.Uint32(uint32(n))
		}
	}
	if proto.Size(out) == 0 {
		return nil
	}
	return out
}
