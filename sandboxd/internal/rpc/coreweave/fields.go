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
	{"spec.security.add_capabilities", containerField + ".security_context.capabilities_add"},
	{"spec.security.drop_capabilities", containerField + ".security_context.capabilities_drop"},
	{"spec.resources.memory_bytes", containerField + ".resource_requirements.limits.memory"},
	{"spec.resources.cpu_millis", containerField + ".resource_requirements.limits.cpu"},
	{"spec.files", containerField + ".files"},
	{"spec.secrets", containerField + ".secret_stores"},
	{"spec.max_lifetime", specField + ".max_lifetime_seconds"},
	{"spec.tags", specField + ".tags"},
	{"spec.runtime", specField + ".runtime_class"},
	{"spec.network.mode", networkField + ".deny_egress"},
	{"spec.network.allow", networkField + ".egress"},
	{"spec.network.ingress", servicesField},
}

// places are the fields of a request that the core's lists came from, in the core's order: Spec.Secrets, Spec.Network.Allow and
// Spec.Network.Ingress.
type places struct{ secrets, allow, ingress []string }

var (
	secretField = regexp.MustCompile(`^spec\.secrets\[(\d+)\](.*)$`)
	allowField  = regexp.MustCompile(`^spec\.network\.allow\[(\d+)\](.*)$`)
	sourceField = regexp.MustCompile(`^spec\.network\.ingress\[\d+\]\.from`)
	portField   = regexp.MustCompile(`^spec\.network\.ingress\[(\d+)\](.*)$`)
	argField    = regexp.MustCompile(`^spec\.command\[([1-9]\d*)\]$`)
)

// renameFields puts the core's violations into this API's fields.
func renameFields(in []errdefs.Violation, p places) []errdefs.Violation {
	out := make([]errdefs.Violation, len(in))
	for i, v := range in {
		v.Subject = renameField(v.Subject, p)
		out[i] = v
	}
	return out
}

func renameField(field string, p places) string {
	if place, rest, ok := placeOf(secretField, field, p.secrets); ok {
		return place + strings.Replace(rest, ".secret", ".path", 1)
	}
	if place, rest, ok := placeOf(allowField, field, p.allow); ok {
		return place + rest
	}
	if sourceField.MatchString(field) {
		return networkField + ".ingress"
	}
	if place, rest, ok := placeOf(portField, field, p.ingress); ok {
		return place + rest
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

// placeOf finds the place of an indexed field of the core, and what of the field is behind the index.
func placeOf(pattern *regexp.Regexp, field string, places []string) (place, rest string, ok bool) {
	m := pattern.FindStringSubmatch(field)
	if m == nil {
		return "", "", false
	}
	i, err := strconv.Atoi(m[1])
	if err != nil || i >= len(places) {
		return "", "", false
	}
	return places[i], m[2], true
}
