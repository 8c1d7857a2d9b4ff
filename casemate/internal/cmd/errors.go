package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/errdefs"
)

// usageError is a mistake on the command line itself.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hints say the next thing to try, by the error's reason.
var hints = map[string]string{
	"API_KEY_MISSING":          "run `casemate login`, or set CASEMATE_API_KEY",
	"API_KEY_MALFORMED":        "copy the whole key again; a key is shown once, `casemate key create` makes another",
	"API_KEY_INVALID":          "the key is unknown, expired or revoked; ask a team admin for another (`casemate key create`)",
	"PERMISSION_DENIED":        "`casemate whoami` shows the key's role and scopes, `casemate access check` what it may do; managing needs --scope manage, reading --scope read",
	"SCOPE_EXCEEDED":           "do it with a key that has these scopes itself; to make an admin, the scope read",
	"RIGHT_EXCEEDED":           "`casemate access check NAME` shows what this key may do itself; an owner's key with all scopes may give everything",
	"GRANT_NOT_FOUND":          "`casemate secret grants NAME` shows the secret's grants",
	"TOO_MANY_GRANTS":          "`casemate secret grants NAME` shows them, `casemate secret ungrant` takes some away; or grant to a --role",
	"NETWORK_NOT_NARROWER":     "`casemate run --allow` makes a sandbox that may reach more; `casemate network SANDBOX` shows what this one may",
	"NO_HOST_PORT":             "`casemate port-forward` reaches a program in a sandbox without a port of the host",
	"INGRESS_UNAVAILABLE":      "`casemate port-forward` reaches a program in a sandbox whatever its network is",
	"SANDBOX_PRIVATE":          "`casemate run` makes a sandbox of your own; `casemate secret grants NAME` shows who may use the secret",
	"OTHER_KEYS_REFUSED":       "--with-key-file takes keys of your own, one for each other team, made with --scope manage",
	"TOO_MANY_FAILED_ATTEMPTS": "wait as long as it says, and check the key: `casemate login` stores another",
	"API_KEY_ROTATED":          "use the key that replaced it; if that was not you, `casemate key revoke` ends both",
	"API_KEY_ENDED":            "`casemate key create` makes a new key",
	"KEY_EXCHANGED":            "use a key of your own for this; `casemate key exchange` makes another short-lived one",
	"OIDC_TRUST_NOT_FOUND":     "`casemate trust list` shows the team's trusts",
	"OIDC_TRUST_EXISTS":        "a trust never changes: `casemate trust delete` it first, or choose another name",
	"OIDC_ISSUER_NOT_ALLOWED":  "the operator lists the issuers that teams may trust in secretsd's configuration, oidc.issuers",
	"OIDC_TOKEN_INVALID":       "have the issuer make a fresh token; it must be of an issuer that secretsd allows",
	"OIDC_TOKEN_REFUSED":       "`casemate trust list` shows an admin what a token must be; secretsd's log says what was wrong with this one",
	"OIDC_TOKEN_REPLAYED":      "have the issuer make a fresh token; a trust made with --reusable takes one more than once",
	"OIDC_ISSUER_UNAVAILABLE":  "secretsd must reach the issuer's https://ISSUER/.well-known/openid-configuration; its log says why it can't",
	"SECRET_NOT_FOUND":         "`casemate secret list` shows the team's secrets",
	"VERSION_NOT_FOUND":        "`casemate secret versions NAME` shows the versions",
	"VERSION_DISABLED":         "`casemate secret enable NAME --version NUMBER` makes it usable again",
	"INSTANCE_CONNECTED":       "stop that sandboxd first; one that runs reports by itself what has ended",
	"SECRET_REVOKED":           "ask for another version; `casemate secret versions NAME` shows them",
	"VERSION_DESTROYED":        "a destroyed value is gone; `casemate secret set NAME` adds a new version",
	"SECRET_DELETED":           "`casemate secret undelete NAME` brings it back; `casemate secret delete NAME --purge` frees its name",
	"SECRET_NOT_DELETED":       "it is there: `casemate secret get NAME`",
	"SECRET_EXPIRED":           "`casemate secret update NAME --ttl 720h`, or --no-expiry, makes it usable again",
	"ALIAS_NOT_FOUND":          "`casemate secret get NAME` shows its aliases; `casemate secret alias NAME ALIAS VERSION` makes one",
	"DATA_CORRUPTED":           "something between here and secretsd damages data; try again, and look at that if it stays so",
	"REQUEST_ID_CONFLICT":      "try again without that request id",
	"ETAG_MISMATCH":            "somebody else changed it meanwhile; look at it, and try again",
	"TOO_MANY_SECRETS":         "`casemate secret delete NAME --purge` makes room; deleted secrets count until they are purged",
	"SECRETS_UNRESOLVED":       "`casemate secret list` shows the team's secrets, `casemate access check NAME` what this key may do with one",
	"SECRETSD_UNAVAILABLE":     "is secretsd running, and its address right in sandboxd's configuration?",
	"SANDBOX_NOT_FOUND":        "`casemate ps -a` shows the team's sandboxes, ended ones too",
	"SANDBOX_NOT_RUNNING":      "`casemate events SANDBOX` says what happened to it; `casemate run` starts another",
	"PROCESS_NOT_FOUND":        "`casemate ps SANDBOX` shows its background processes; of those that have ended the oldest are forgotten",
	"TOO_MANY_PROCESSES":       "`casemate ps SANDBOX` shows them; `casemate kill SANDBOX PROCESS` ends one",
	"TOO_MANY_EXECS":           "wait until a command in the sandbox has ended, or use another sandbox",
	"PROCESS_LIMIT":            "wait until something in the sandbox has ended, or run one with more --pids or --memory",
	"TOO_MANY_ATTACHED":        "somebody must detach first; `casemate ps SANDBOX` shows what is known of the process",
	"STDIN_CLOSED":             "start it with `casemate exec -d -i` to give it input later",
	"IMAGE_NOT_FOUND":          "`casemate image list` shows the stored images; `casemate image import FILE NAME` stores one",
	"IMAGE_PULL_FAILED":        "check the name and the registry; `casemate image import FILE NAME` needs no registry",
	"IMAGE_ARCHIVE_INVALID":    "give an OCI or docker archive, as `docker save` or `skopeo copy` write it",
	"TEAM_EXISTS":              "choose another name, or use that team with --team",
	"TEAM_DELETED":             "choose another name",
	"SEALED":                   "an operator sees why in secretsd's log; it unseals by itself when its key is there again",
	"KEK_UNAVAILABLE":          "secretsd's log says what is wrong with its key's place or service; try again then",
	"MEMBER_NOT_FOUND":         "`casemate member list` shows the team's members",
	"LAST_OWNER":               "make somebody else an owner first, with a key: `casemate member role USER owner`, `casemate key create --user USER`",
	"FILE_NOT_FOUND":           "`casemate exec SANDBOX -- ls DIR` shows what is there",
	"FILE_IS_DIRECTORY":        "a directory is in the way there; choose another name, or remove it: `casemate exec SANDBOX -- rm -r DIR`",
	"FILE_NOT_DIRECTORY":       "a file is in the way there; choose another name, or remove it: `casemate exec SANDBOX -- rm FILE`",
	"FILE_PERMISSION_DENIED":   "some files are the host's; `casemate exec SANDBOX -- ls -l FILE` shows whose it is",
	"FILE_READ_ONLY":           "/proc and /sys are the kernel's; choose another directory",
	"PORT_REFUSED":             "`casemate exec SANDBOX -- ss -tln` shows what listens, where the image has ss",
	"PORT_RESET":               "`casemate logs SANDBOX` may say why the program did that",
	"TOO_MANY_FORWARDS":        "close connections to the sandbox that are not needed",
	"WATCH_LIMIT":              "watch a smaller part of it, or end another watch",
	"WATCH_ENDED":              "watch it where it is now, or the directory above it",
	"FILE_CHANGED":             "something in the sandbox writes it; try again when that is done",
	"FILE_TOO_DEEP":            "`casemate exec SANDBOX -- tar -c DIR > COPY.tar` has no such limit",
	"ARCHIVE_INVALID":          "give an uncompressed tar archive: `zcat COPY.tar.gz | casemate cp --archive - SANDBOX:DIR`",
	"ARCHIVE_UNSAFE":           "make the archive of relative paths: `tar -C DIR -c .`",
	"FILE_NOT_REGULAR":         "cp copies regular files and directories only, and nothing of /proc",
	"FILE_NO_SPACE":            "the sandbox's disk or memory is full; make room, or run one with more --memory",
	"SANDBOXD_DRAINING":        "try another sandboxd, or later; `casemate ps` shows what runs on here",
	"AGENT_OUTDATED":           "`casemate run` makes a new sandbox, with an agent that can",
	"HOST_DISK_FULL":           "sandboxes that end give their space back: `casemate ps` shows what runs; `casemate stop SANDBOX` ends one",
	"TOO_MANY_SANDBOXES":       "`casemate ps` shows what runs; `casemate stop SANDBOX` ends one",
	"QUOTA_EXCEEDED":           "`casemate ps` shows what runs; `casemate stop SANDBOX` ends one, and its place is free at once",
	"TEAM_NOT_FOUND":           "`casemate team list` shows your teams",
	"TEAM_MISSING":             "say which team with --team, or set CASEMATE_TEAM",
	"SECRET_EXISTS":            "`casemate secret set NAME` adds a version to it; `casemate secret undelete NAME` brings a deleted one back",
	"MEMBER_EXISTS":            "`casemate member role USER ROLE` changes what a member may do",
	"API_KEY_NOT_FOUND":        "`casemate key list` shows the keys and their ids",
	"FIELD_NOT_FOUND":          "the value is a JSON object without that key; leave --field out to get all of it",
	"NOT_STRUCTURED":           "the value is no JSON object; leave the field out",
	"CERTS_EXIST":              "choose another directory, or --keep to use these",
	"ADDRESS_INVALID":          "write https://host:port, http://127.0.0.1:port or unix:///path",
	"CA_FILE_INVALID":          "--ca takes the ca.pem that `casemate certs init` wrote",
	"FILE_TOO_LARGE":           "`casemate cp` copies files of any size",
	"ADDRESS_MISSING":          "run `casemate login`, or set CASEMATE_SECRETSD and CASEMATE_SANDBOXD",
	"CHECKPOINT_NOT_FOUND":     "--after takes the sequence of a checkpoint: that of the last line of the export before",
	"CHECKPOINT_KEY_DIFFERS":   "was the key changed? else this is not the log that you keep the key of: ask who runs secretsd",
	"READER_TOO_SLOW":          "write to a file, and read that; --after goes on from where it ended",
	"SECRETSD_STOPPING":        "secretsd is being restarted; --after goes on from where it ended",
	"AUDIT_UNAVAILABLE":        "secretsd can't write its audit log, so it refuses to serve values; look at its disk and log",
	casemate.ReasonUnreachable: "is the daemon running, is the address right, and does --ca name its authority?",
}

// printError writes what went wrong and what to do next, and returns the exit code. Of several errors it writes each.
func (a *app) printError(c *cobra.Command, err error) int {
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		code := exitError
		for _, one := range several.Unwrap() {
			code = a.printError(c, one)
		}
		return code
	}
	fmt.Fprintf(a.Err, "casemate: error: %s\n", plain(err.Error(), '\n', '\t'))
	help := "see `" + c.CommandPath() + " --help`"
	var usage usageError
	if errors.As(err, &usage) || isCobraUsage(err) {
		fmt.Fprintf(a.Err, "casemate: hint: %s\n", help)
		return exitUsage
	}
	e, ok := errdefs.As(err)
	if !ok {
		fmt.Fprintf(a.Err, "casemate: hint: %s\n", help)
		return exitError
	}
	for _, v := range e.Violations {
		if !strings.Contains(e.Message, v.Description) {
			fmt.Fprintf(a.Err, "casemate:   %s: %s\n", plain(v.Subject), plain(v.Description))
		}
	}
	hint, ok := hints[e.Reason]
	switch {
	case ok:
	case e.Kind == errdefs.Internal:
		hint = "the daemon's log has the whole story under that request id"
	case e.RetryAfter > 0:
		hint = "try again in " + e.RetryAfter.String()
	default:
		hint = help
	}
	fmt.Fprintf(a.Err, "casemate: hint: %s\n", hint)
	if id := e.Metadata["sandbox"]; id != "" { // of a sandbox that could not be made
		fmt.Fprintf(a.Err, "casemate: hint: `casemate events %s` tells what happened\n", plain(id))
	}
	return exitError
}

// flagError puts pflag's complaint about a flag's value into words: its own are those of Go's parsers.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return usageError{err}
	}
	want := map[string]string{
		"bool": "true or false", "duration": "a time such as 90s, 10m or 2h", "int": "a whole number", "int32": "a whole number",
		"int64": "a whole number", "uint32": "a whole number", "float64": "a number",
	}[invalid.GetFlag().Value.Type()]
	if want == "" {
		return usageError{err}
	}
	return usagef("--%s %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}

// isCobraUsage tells cobra's own complaints, which have no type.
func isCobraUsage(err error) bool {
	for _, prefix := range []string{"unknown command", "unknown flag", "unknown shorthand", "required flag", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), prefix) {
			return true
		}
	}
	return false
}

// group is a command that only holds others. Alone it shows its help; a word that is none of theirs is a mistake.
func group(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q for %q", args[0], c.CommandPath())
			}
			return c.Help()
		},
	}
}

// noArgs, atMostOneArg and exactArgs are cobra's checks with a usage error's exit code.
func noArgs(c *cobra.Command, args []string) error { return exactArgs(0)(c, args) }

func atMostOneArg(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s takes at most 1 argument, not %d: %s", c.CommandPath(), len(args), c.UseLine())
	}
	return nil
}

func exactArgs(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s takes %s, not %d: %s", c.CommandPath(), english.Plural(n, "argument", ""), len(args), c.UseLine())
		}
		return nil
	}
}
