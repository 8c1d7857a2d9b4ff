package server

import (
	"os"
	"path"
	"slices"
	"strings"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// environment is what Configure set. It does not change.
type environment struct {
	vars    []string // NAME=VALUE
	names   map[string]bool
	secrets map[string]bool // names of variables that hold a secret
	masker  *mask.Masker
	// maskOutput says that not only the main process's log is masked.
	maskOutput bool
	nonRoot    bool
	user       user
	dir        string
}

func (s *Server) configure(cfg *agentv1.Configure) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.environment != nil {
		return errdefs.New(errdefs.FailedPrecondition, "AGENT_CONFIGURED", "the sandbox has its environment already")
	}
	e := &environment{names: map[string]bool{}, secrets: map[string]bool{}, maskOutput: cfg.GetMaskOutput(), nonRoot: cfg.GetNonRoot(), dir: "/"}
	var secrets []redact.Bytes
	for _, v := range cfg.GetEnv() {
		if err := checkVariable(v); err != nil {
			return err
		}
		e.vars = append(e.vars, v.GetName()+"="+string(v.GetValue()))
		e.names[v.GetName()] = true
		if v.GetSecret() {
			e.secrets[v.GetName()] = true
			secrets = append(secrets, redact.New(v.GetValue()))
		}
	}
	e.masker = mask.New(secrets)
	u, err := e.lookupUser(cfg.GetUser())
	if err != nil {
		return err
	}
	e.user = u
	if d := cfg.GetWorkingDir(); d != "" {
		if !path.IsAbs(d) {
			return errdefs.InvalidField("working_directory", "%q is not an absolute path", d)
		}
		if err := makeDirs(d, u); err != nil {
			return fileError(d, err)
		}
		e.dir = path.Clean(d)
	}
	if dropped := cfg.GetDroppedCapabilities(); dropped != 0 {
		if err := s.spawner.narrow(dropped); err != nil {
			return err
		}
	}
	s.environment = e
	return nil
}

// lookupUser is lookupUser, and refuses root where nothing may run as root.
func (e *environment) lookupUser(s string) (user, error) {
	u, err := lookupUser(s)
	if err == nil && e.nonRoot && u.uid == 0 {
		return user{}, errdefs.New(errdefs.InvalidArgument, "RUN_AS_ROOT",
			"the sandbox is to run nothing as root, and the user %q is root in its image: name another user", s)
	}
	return u, err
}

func checkVariable(v *agentv1.EnvVar) error {
	switch {
	case v.GetName() == "" || strings.ContainsAny(v.GetName(), "=\x00"):
		return errdefs.InvalidField("environment", "%q can't be a variable's name", v.GetName())
	case slices.Contains(v.GetValue(), 0):
		return errdefs.InvalidField("environment", "the value of %s has a NUL byte", v.GetName())
	}
	return nil
}

// with returns the environment of one process: the base, the request's variables over it, and the defaults of what neither
// of them sets.
func (e *environment) with(extra []*agentv1.EnvVar, u user, terminal bool) ([]string, error) {
	set := make(map[string]bool, len(extra))
	for _, v := range extra {
		if err := checkVariable(v); err != nil {
			return nil, err
		}
		if e.secrets[v.GetName()] {
			return nil, errdefs.New(errdefs.InvalidArgument, "SECRET_VARIABLE",
				"the variable %s holds a secret and can't be set for one command", v.GetName()).WithMetadata("env_var", v.GetName())
		}
		set[v.GetName()] = true
	}
	env := make([]string, 0, len(e.vars)+len(extra)+4)
	for _, v := range e.vars {
		if len(set) > 0 {
			if name, _, _ := strings.Cut(v, "="); set[name] {
				continue
			}
		}
		env = append(env, v)
	}
	for _, v := range extra {
		env = append(env, v.GetName()+"="+string(v.GetValue()))
	}
	fallback := func(name, value string) {
		if !e.names[name] && !set[name] && value != "" {
			env = append(env, name+"="+value)
		}
	}
	fallback("PATH", defaultPath)
	fallback("HOME", u.home)
	fallback("USER", u.name)
	if terminal {
		fallback("TERM", "xterm")
	}
	return env, nil
}

// lookPath finds a command as execvp does. found is false when there is none; a file that is there and can't be executed is
// found, and execve will say why it can't.
func lookPath(name, dir string, env []string) (file string, found bool) {
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			name = path.Join(dir, name)
		}
		_, err := os.Stat(name)
		return name, err == nil
	}
	for _, d := range strings.Split(variable(env, "PATH"), ":") {
		if !path.IsAbs(d) {
			d = path.Join(dir, d)
		}
		f := path.Join(d, name)
		if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
			if info.Mode()&0o111 != 0 {
				return f, true
			}
			if !found {
				file, found = f, true
			}
		}
	}
	return file, found
}

func variable(env []string, name string) string {
	for _, v := range env {
		if n, value, _ := strings.Cut(v, "="); n == name {
			return value
		}
	}
	return ""
}
