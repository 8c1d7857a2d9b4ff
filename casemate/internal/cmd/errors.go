package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// usageError is a mistake on the command line itself.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hints say the next thing to try, by the error's reason.
var hints = map[string]string{
	"API_KEY_MISSING":       "run `casemate login`, or set CASEMATE_API_KEY",
	"API_KEY_MALFORMED":     "copy the whole key again; a key is shown once, `casemate key create` makes another",
	"API_KEY_INVALID":       "the key is unknown, expired or revoked; ask a team admin for another (`casemate key create`)",
	"PERMISSION_DENIED":     "`casemate whoami` shows the key's role and scopes; managing needs --scope manage, reading --scope read",
	"SCOPE_EXCEEDED":        "make the key with one that has these scopes itself",
	"SECRET_NOT_FOUND":      "`casemate secret list` shows the team's secrets",
	"VERSION_NOT_FOUND":     "`casemate secret versions NAME` shows the versions",
	"VERSION_DISABLED":      "`casemate secret enable NAME` makes it usable again",
	"VERSION_DESTROYED":     "a destroyed value is gone; `casemate secret set NAME` adds a new version",
	"SECRETS_UNRESOLVED":    "`casemate secret list` shows the team's secrets; `casemate secret set NAME` adds one",
	"SECRETSD_UNAVAILABLE":  "is secretsd running, and its address right in sandboxd's configuration?",
	"SANDBOX_NOT_FOUND":     "`casemate ps -a` shows the team's sandboxes, ended ones too",
	"SANDBOX_NOT_RUNNING":   "`casemate ps -a` says how it ended; `casemate run` starts another",
	"IMAGE_NOT_FOUND":       "`casemate image list` shows the stored images; `casemate image import FILE NAME` stores one",
	"IMAGE_PULL_FAILED":     "check the name and the registry; `casemate image import FILE NAME` needs no registry",
	"IMAGE_ARCHIVE_INVALID": "give an OCI or docker archive, as `docker save` or `skopeo copy` write it",
	"TEAM_EXISTS":           "choose another name, or use that team with --team",
	"MEMBER_NOT_FOUND":      "`casemate member list` shows the team's members",
	"LAST_ADMIN":            "make somebody else an admin first: `casemate member role USER admin`",
	"FILE_NOT_FOUND":        "`casemate exec SANDBOX -- ls DIR` shows what is there",
	"FILE_TOO_LARGE":        "stream it: `casemate exec SANDBOX -- cat FILE > COPY`",
	"ADDRESS_MISSING":       "run `casemate login`, or set CASEMATE_SECRETSD and CASEMATE_SANDBOXD",
	"AUDIT_UNAVAILABLE":     "secretsd can't write its audit log, so it refuses to serve values; look at its disk and log",
	"RUNTIME_NOT_ALLOWED":   "leave --runtime out to take the operator's default",
	"INVALID_ARGUMENT":      "see the command's --help",
	"UNREACHABLE":           "is the daemon running, is the address right, and does --ca name its authority?",
}

// printError writes what went wrong and what to do next, and returns the exit code.
func (a *app) printError(err error) int {
	var usage usageError
	if errors.As(err, &usage) || isCobraUsage(err) {
		fmt.Fprintf(a.Err, "casemate: error: %v\ncasemate: hint: see casemate --help\n", err)
		return exitUsage
	}
	e, ok := errdefs.As(errgrpc.FromError(err))
	if !ok {
		fmt.Fprintf(a.Err, "casemate: error: %v\n", err)
		return exitError
	}
	fmt.Fprintf(a.Err, "casemate: error: %s\n", e.Message)
	if len(e.Violations) > 1 {
		for _, v := range e.Violations {
			fmt.Fprintf(a.Err, "casemate:   %s: %s\n", v.Subject, v.Description)
		}
	}
	reason := e.Reason
	if reason == "" && e.Kind == errdefs.Unavailable {
		reason = "UNREACHABLE"
	}
	if hint, ok := hints[reason]; ok {
		fmt.Fprintf(a.Err, "casemate: hint: %s\n", hint)
	}
	return exitError
}

// isCobraUsage tells cobra's own complaints, which have no type.
func isCobraUsage(err error) bool {
	msg := err.Error()
	for _, prefix := range []string{"unknown command", "unknown flag", "unknown shorthand", "required flag"} {
		if len(msg) >= len(prefix) && msg[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}

// noArgs and exactArgs are cobra's checks with a usage error's exit code.
func noArgs(c *cobra.Command, args []string) error { return exactArgs(0)(c, args) }

func exactArgs(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s takes %d argument(s), not %d: %s", c.CommandPath(), n, len(args), c.UseLine())
		}
		return nil
	}
}
