package sandbox

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// Security narrows what a sandbox's processes may do. The zero value is what every sandbox has.
type Security struct {
	// NonRoot refuses to run anything as user 0.
	NonRoot bool `json:",omitempty"`
	// ReadOnlyRoot makes everything but WritablePaths read-only.
	ReadOnlyRoot bool `json:",omitempty"`
	// Drop takes capabilities away: by name, or ALL. Add gives after that: what was dropped by ALL, or is allowed by the policy.
	Drop []string `json:",omitempty"`
	Add  []string `json:",omitempty"`
}

// WritablePaths are the directories that can be written in a sandbox with a read-only root: file systems in memory, which
// count as the sandbox's own.
var WritablePaths = []string{"/tmp", "/dev/shm"}

// writable says whether an absolute path is below one of WritablePaths, as far as its words say: links are the agent's to see.
func writable(name string) bool {
	name = path.Clean(name)
	return slices.ContainsFunc(WritablePaths, func(dir string) bool { return strings.HasPrefix(name, dir+"/") })
}

// SecurityPolicy is what the operator sets for every sandbox.
type SecurityPolicy struct {
	// Allow are the capabilities that a request may add to the default ones.
	Allow Capabilities
	// NonRoot and ReadOnlyRoot hold for every sandbox.
	NonRoot, ReadOnlyRoot bool
}

// Capabilities are what root has in the sandbox. s must have been normalized.
func (s Security) Capabilities() Capabilities {
	set := DefaultCapabilities
	for _, name := range s.Drop {
		c, _ := parseCapability(name)
		if name == allWord {
			c = allOf
		}
		set &^= c
	}
	return set | s.Added()
}

// Added is the set that Add names.
func (s Security) Added() Capabilities { return capabilitySet(s.Add...) }

// applySecurity checks what is asked for, and puts the policy on top of it.
func (s *Spec) applySecurity(p SecurityPolicy, v *violations) {
	s.Security.NonRoot = s.Security.NonRoot || p.NonRoot
	s.Security.ReadOnlyRoot = s.Security.ReadOnlyRoot || p.ReadOnlyRoot
	s.Security.Drop = normalCapabilities(s.Security.Drop, "spec.security.drop_capabilities", true, v)
	s.Security.Add = normalCapabilities(s.Security.Add, "spec.security.add_capabilities", false, v)
	allowed := DefaultCapabilities | p.Allow
	for i, name := range s.Security.Add {
		at := "spec.security.add_capabilities[" + strconv.Itoa(i) + "]"
		c, known := parseCapability(name)
		switch {
		case !known: // told already
		case slices.Contains(s.Security.Drop, name):
			v.add(at, "%s is in drop_capabilities too", name)
		case c&allowed == 0:
			v.add(at, "%s is not one of the capabilities that the operator allows: %s", name, allowed)
		}
	}
	if uid, _, _ := strings.Cut(s.User, ":"); s.Security.NonRoot && (uid == "root" || isZero(uid)) {
		v.add("spec.user", "is root, and this sandbox is to run nothing as root: name another user")
	}
}

func isZero(uid string) bool {
	n, err := strconv.ParseUint(uid, 10, 32)
	return err == nil && n == 0
}

// normalCapabilities writes names as capabilities(7) does, without CAP_, each once, in order.
func normalCapabilities(names []string, field string, all bool, v *violations) (normal []string) {
	if len(names) > maxCapabilities {
		v.add(field, "has %d names, at most %d are allowed", len(names), maxCapabilities)
		return nil
	}
	for i, name := range names {
		at := field + "[" + strconv.Itoa(i) + "]"
		name := strings.TrimPrefix(strings.ToUpper(name), "CAP_")
		_, known := parseCapability(name)
		switch {
		case name == allWord && !all:
			v.add(at, "ALL can't be added: name each capability")
		case name != allWord && !known:
			v.add(at, "%q is no capability; they are named as in capabilities(7), such as NET_RAW", names[i])
		}
		if !slices.Contains(normal, name) {
			normal = append(normal, name)
		}
	}
	return normal
}
