// Package cmd is the casemate command line: one file a family of commands. Each command reads its arguments, makes one or
// a few calls, and prints a table for people or, with -o json, the API's own messages.
package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/casemate/casemate/pkg/casemate"
)

// Streams are the command's standard streams. In is a terminal's file when a person types.
type Streams struct {
	In  *os.File
	Out io.Writer
	Err io.Writer
}

// Exit codes beside those of the commands that run and exec pass on.
const (
	exitError = 1
	exitUsage = 2
	// exitTerminated is what a shell says of a command that SIGTERM ended.
	exitTerminated = 128 + int(syscall.SIGTERM)
)

// app is what all commands share.
type app struct {
	Streams
	version string

	flags    settings // as given on the command line
	settings settings // after the environment and the file
	output   string
	client   *casemate.Client // nil before its first use
}

// Main runs the command line with args and returns the exit code.
func Main(ctx context.Context, streams Streams, args []string, version string) int {
	a := &app{Streams: streams, version: version}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	called, err := root.ExecuteContextC(ctx)
	if a.client != nil {
		_ = a.client.Close()
	}
	var exit exitCodeError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil && errors.Is(err, context.Canceled): // by SIGTERM, which is no news to who sent it
		return exitTerminated
	default:
		return a.printError(called, err)
	}
}

// exitCodeError ends the program with a command's own exit code, silently.
type exitCodeError int

// Error implements error; it is never shown.
func (exitCodeError) Error() string { return "the command failed" }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "casemate",
		Short: "Team secrets, and sandboxes that use them",
		Long: `Team secrets, and sandboxes that use them.

Name a secret, never its value: the value reaches the code inside the sandbox as an environment variable, and nobody else.
Start with "casemate login", or set CASEMATE_SECRETSD, CASEMATE_SANDBOXD, CASEMATE_CA_FILE,
CASEMATE_API_KEY and CASEMATE_TEAM.`,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.prepare() },
	}
	f := root.PersistentFlags()
	f.StringVar(&a.flags.Secretsd, "secretsd", "", "secretsd's address, such as https://host:7443")
	f.StringVar(&a.flags.Sandboxd, "sandboxd", "", "sandboxd's address, such as http://127.0.0.1:7470")
	f.StringVar(&a.flags.CAFile, "ca", "", "PEM `file` of the authority to trust")
	f.StringVar(&a.flags.APIKeyFile, "api-key-file", "", "`file` that holds the API key")
	f.StringVar(&a.flags.Team, "team", "", "the team; default: the key's own")
	f.StringVarP(&a.output, "output", "o", "text", "text for people, json for programs")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.AddCommand(
		a.login(), a.whoami(), a.certs(), a.team(), a.member(), a.key(), a.trust(), a.secret(), a.access(),
		a.run(), a.exec(), a.shell(), a.ps(), a.attach(), a.kill(), a.logs(), a.events(), a.cp(), a.watch(), a.portForward(), a.stop(), a.extend(), a.network(), a.rm(), a.image(), a.audit(), a.kek(), a.workload(), a.versionCmd(),
	)
	return root
}

func (a *app) prepare() error {
	if a.output != "text" && a.output != "json" {
		return usagef("--output %q: want text or json", a.output)
	}
	var err error
	a.settings, err = resolveSettings(a.flags, os.Getenv)
	return err
}

func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.line("casemate " + a.version) },
	}
}
