package sandbox

import "strings"

// MaxEnvName is the longest name of an environment variable, in bytes.
const MaxEnvName = 255

const badEnvName = "is no name for a variable: one matches [A-Za-z_][A-Za-z0-9_]* and has at most 255 characters"

// ValidEnvName says whether name can name an environment variable in every shell: [A-Za-z_][A-Za-z0-9_]*, at most
// MaxEnvName bytes.
func ValidEnvName(name string) bool {
	if name == "" || len(name) > MaxEnvName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		digit := '0' <= c && c <= '9'
		if !letter && (!digit || i == 0) {
			return false
		}
	}
	return true
}

// ReservedEnvName says why no secret may be injected under name; empty when one may.
//
// The value of a secret is written by whoever keeps the secret, who need not be the one who runs the sandbox. Under a
// name that a loader, a shell or an interpreter takes code or paths from, that writer would choose what runs. And programs print
// these variables freely. The list has exact names where a prefix would catch names that people give to real keys, such
// as GIT_SSH_KEY. Variables that carry credentials by design, such as HTTPS_PROXY or PIP_INDEX_URL, are not in it. The
// plain environment of a Spec is the caller's own word and may set all of these.
func ReservedEnvName(name string) string {
	for _, g := range reservedEnvNames {
		for _, p := range g.prefixes {
			if strings.HasPrefix(name, p) {
				return g.why
			}
		}
		for _, n := range g.names {
			if name == n {
				return g.why
			}
		}
	}
	return ""
}

var reservedEnvNames = []struct {
	why      string
	names    []string
	prefixes []string
}{
	{
		why: "steers the dynamic loader and the C library",
		names: []string{
			"GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NLSPATH",
			"RESOLV_HOST_CONF", "RES_OPTIONS", "OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES",
		},
		prefixes: []string{"LD_"},
	},
	{
		why: "steers the shell",
		names: []string{
			"BASHOPTS", "BASH_ENV", "BASH_LOADABLES_PATH", "CDPATH", "ENV", "IFS", "PROMPT_COMMAND", "PS0", "PS1", "PS2",
			"PS4", "SHELLOPTS", "ZDOTDIR",
		},
		prefixes: []string{"BASH_FUNC_"},
	},
	{
		why:   "is set by the sandbox itself",
		names: []string{"HOME", "HOSTNAME", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"},
	},
	{
		why: "steers an interpreter",
		names: []string{
			"PYTHONBREAKPOINT", "PYTHONEXECUTABLE", "PYTHONHOME", "PYTHONINSPECT", "PYTHONPATH", "PYTHONPLATLIBDIR",
			"PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONWARNINGS",
			"PERL5DB", "PERL5LIB", "PERL5OPT", "PERLLIB",
			"RUBYLIB", "RUBYOPT",
			"NODE_OPTIONS", "NODE_PATH",
			"CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS",
			"DOTNET_STARTUP_HOOKS", "PHPRC", "PHP_INI_SCAN_DIR", "AWKPATH", "TCLLIBPATH", "R_PROFILE", "R_ENVIRON",
		},
		prefixes: []string{"LUA_INIT", "LUA_PATH", "LUA_CPATH"},
	},
	{
		why: "names a program that tools start",
		names: []string{
			"BROWSER", "EDITOR", "LESSCLOSE", "LESSOPEN", "MAKEFLAGS", "MANPAGER", "PAGER", "RUSTC_WRAPPER", "SSH_ASKPASS",
			"SUDO_ASKPASS", "VISUAL",
			"GIT_ASKPASS", "GIT_EDITOR", "GIT_EXEC_PATH", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_PROXY_COMMAND",
			"GIT_SEQUENCE_EDITOR", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_TEMPLATE_DIR",
		},
		prefixes: []string{"GIT_CONFIG"},
	},
}
