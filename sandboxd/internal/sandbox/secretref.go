package sandbox

import (
	"strconv"

	"github.com/casemate/casemate/pkg/resource"
)

// checkSecrets wants every reference to be well formed and every variable to be one secret's alone. It runs after the
// EnvVars are filled in.
func (s Spec) checkSecrets(v *violations) {
	if len(s.Secrets) > MaxSecrets {
		v.add("spec.secrets", "has %d references, at most %d are allowed", len(s.Secrets), MaxSecrets)
		return
	}
	first := make(map[string]int, len(s.Secrets))
	for i, ref := range s.Secrets {
		at := "spec.secrets[" + strconv.Itoa(i) + "]"
		badID := resource.CheckSecret(at+".secret", ref.Secret)
		v.addError(badID)
		if ref.Version != "" {
			v.addError(resource.CheckVersion(at+".version", ref.Version))
		}
		if len(ref.Field) > 255 {
			v.add(at+".field", "is longer than 255 bytes")
		}
		if badID != nil && ref.EnvVar == ref.Secret {
			continue // there is no variable to speak of
		}
		s.checkEnvVar(v, at+".env_var", ref)
		if j, dup := first[ref.EnvVar]; dup {
			v.add(at+".env_var", "%s is already the variable of spec.secrets[%d]", ref.EnvVar, j)
		} else {
			first[ref.EnvVar] = i
		}
	}
}

func (s Spec) checkEnvVar(v *violations, field string, ref SecretRef) {
	name := ref.EnvVar
	if !ValidEnvName(name) {
		if name == ref.Secret {
			v.add(field, "the secret's id %q is no name for a variable: set env_var to one that matches [A-Za-z_][A-Za-z0-9_]*", name)
		} else {
			v.add(field, "%s", badEnvName) // the name is not repeated: it may be a value in the wrong place
		}
		return
	}
	if why := ReservedEnvName(name); why != "" {
		v.add(field, "%s %s: no secret can be injected under this name, set env_var to another", name, why)
	}
	if _, both := s.Environment[name]; both {
		v.add(field, "%s is also set in spec.environment: remove it there, or set env_var to another name", name)
	}
}
