package sandbox

import (
	"strconv"
	"strings"
)

// LatestVersion is the word for a secret's newest version.
const LatestVersion = "latest"

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
		if !validSecretID(ref.Secret) {
			v.add(at+".secret", "%q is no secret's id: 1 to 255 of A-Z, a-z, 0-9, _ and -", ref.Secret)
		}
		if !validVersion(ref.Version) {
			v.add(at+".version", "%q is neither a version's number nor %s", ref.Version, LatestVersion)
		}
		if len(ref.Field) > 255 {
			v.add(at+".field", "is longer than 255 bytes")
		}
		if ref.Secret == "" && ref.EnvVar == "" {
			continue // said above
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
			v.add(field, "%q is no name for a variable: it must match [A-Za-z_][A-Za-z0-9_]* and have at most %d characters", name, MaxEnvName)
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

// validSecretID follows secretsd, which decides: an id it would refuse is refused here with the field's place.
func validSecretID(id string) bool {
	return id != "" && len(id) <= 255 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

func validVersion(version string) bool {
	if version == "" || version == LatestVersion {
		return true
	}
	n, err := strconv.ParseInt(version, 10, 64)
	return err == nil && n > 0 && version[0] != '+' && version[0] != '0'
}
