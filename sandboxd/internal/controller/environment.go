package controller

import (
	"maps"
	"slices"
	"strings"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
)

// defaultPath is Docker's, which images are made for.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// environment is the base environment of every process in a sandbox, by name: the image's, over it the spec's, over both
// the secrets. Of the plain ones the spec wins; a secret's name is never in the spec (Spec.Normalize), but may be in the
// image. PATH is always there.
func environment(image []string, spec map[string]string, secrets resolve.Values) []agent.EnvVar {
	vars := make(map[string]agent.EnvVar, len(image)+len(spec)+len(secrets)+1)
	plain := func(name, value string) {
		vars[name] = agent.EnvVar{Name: name, Value: redact.New([]byte(value))}
	}
	plain("PATH", defaultPath)
	for _, entry := range image {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			plain(name, value)
		}
	}
	for name, value := range spec {
		plain(name, value)
	}
	for _, s := range secrets {
		vars[s.EnvVar] = agent.EnvVar{Name: s.EnvVar, Value: s.Data, Secret: true}
	}
	sorted := make([]agent.EnvVar, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		sorted = append(sorted, vars[name])
	}
	return sorted
}
