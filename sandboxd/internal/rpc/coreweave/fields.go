package coreweave

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

// fieldNames are the places in a CreateSandboxRequest of what the core calls `spec.…`.
var fieldNames = []struct{ core, here string }{
	{"spec.image", containerField + ".image"},
	{"spec.command[0]", containerField + ".command"},
	{"spec.command", containerField + ".args"},
	{"spec.environment", containerField + ".environment_variables"},
	{"spec.working_dir", containerField + ".working_dir"},
	{"spec.user", containerField + ".security_context.run_as_user"},
	{"spec.resources.memory_bytes", containerField + ".resource_requirements.limits.memory"},
	{"spec.resources.cpu_millis", containerField + ".resource_requirements.limits.cpu"},
	{"spec.files", containerField + ".files"},
	{"spec.secrets", containerField + ".secret_stores"},
	{"spec.max_lifetime", specField + ".max_lifetime_seconds"},
	{"spec.tags", specField + ".tags"},
	{"spec.runtime", specField + ".runtime_class"},
}

var (
	secretField = regexp.MustCompile(`^spec\.secrets\[(\d+)\](.*)$`)
	argField    = regexp.MustCompile(`^spec\.command\[([1-9]\d*)\]$`)
)

// renameFields puts the core's violations into this API's fields. secretPlaces are the fields of the secret references,
// in the core's order.
func renameFields(in []errdefs.Violation, secretPlaces []string) []errdefs.Violation {
	out := make([]errdefs.Violation, len(in))
	for i, v := range in {
		v.Subject = renameField(v.Subject, secretPlaces)
		out[i] = v
	}
	return out
}

func renameField(field string, secretPlaces []string) string {
	if m := secretField.FindStringSubmatch(field); m != nil {
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(secretPlaces) {
			return secretPlaces[i] + strings.Replace(m[2], ".secret", ".path", 1)
		}
	}
	if m := argField.FindStringSubmatch(field); m != nil {
		if i, err := strconv.Atoi(m[1]); err == nil {
			return containerField + ".args[" + strconv.Itoa(i-1) + "]"
		}
	}
	for _, n := range fieldNames {
		if rest, ok := strings.CutPrefix(field, n.core); ok {
			return n.here + rest
		}
	}
	return field
}
