package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/casemate/casemate/pkg/casemate"
)

// forwarded are the signals that a command gets as its own. SIGTERM is not among them: it ends this process, and with the
// stream the command.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH}

// execFlags are what exec and run share about the command.
type execFlags struct {
	env     []string
	workdir string
	user    string
	tty     bool
	timeout time.Duration
}

func (f *execFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVarP(&f.env, "env", "e", nil, "NAME=VALUE for the command's environment; no place for a secret")
	fl.StringVarP(&f.workdir, "workdir", "w", "", "working directory")
	fl.StringVarP(&f.user, "user", "u", "", "user, as name or number, with :group if wanted")
	fl.BoolVarP(&f.tty, "tty", "t", false, "give the command a terminal")
	fl.DurationVar(&f.timeout, "timeout", 0, "kill the command after this time")
	fl.SetInterspersed(false)
}

func (f *execFlags) options(argv []string) (casemate.ExecOptions, error) {
	env, err := parseEnv(f.env)
	return casemate.ExecOptions{Command: argv, Env: env, Dir: f.workdir, User: f.user, Timeout: f.timeout}, err
}

func parseEnv(pairs []string) (map[string]string, error) {
	env := make(map[string]string, len(pairs))
	for _, p := range pairs {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, usagef("--env %q: want NAME=VALUE", p)
		}
		env[name] = value
	}
	return env, nil
}

func (a *app) exec() *cobra.Command {
	var f execFlags
	var detach, stdin bool
	c := &cobra.Command{
		Use: "exec [flags] SANDBOX -- COMMAND...", Short: "Run a command in a sandbox, with this terminal's input and output",
		Long: `Run a command in a sandbox, with this terminal's input and output; its exit code is this command's own.

With --detach the command runs on in the background, and its id is printed at once: "casemate ps SANDBOX" lists such processes,
"casemate attach" follows one, and "casemate kill" ends one.`,
		Example: `  casemate exec sb-2cs3f6rn5ybwszfe -- python -V
  casemate exec -d sb-2cs3f6rn5ybwszfe -- python -m http.server`,
		Args: minArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			argv := trimDashes(args[1:])
			if len(argv) == 0 {
				return usagef("say which command to run: %s", c.UseLine())
			}
			options, err := f.options(argv)
			if err != nil {
				return err
			}
			sandbox, err := a.sandbox(args[0])
			if err != nil {
				return err
			}
			switch {
			case detach:
				return a.detach(c.Context(), sandbox, options, f.tty, stdin)
			case stdin:
				return usagef("--stdin goes with --detach: without it the command has this one's input anyway")
			}
			return a.stream(c.Context(), sandbox, options, f.tty)
		},
	}
	f.register(c)
	c.Flags().BoolVarP(&detach, "detach", "d", false, "run it in the background, and print its id for ps, attach and kill")
	c.Flags().BoolVarP(&stdin, "stdin", "i", false, "with --detach, keep the command's input open for attach -i")
	return c
}

func (a *app) shell() *cobra.Command {
	return &cobra.Command{
		Use: "shell SANDBOX", Args: exactArgs(1), Short: "A login shell in a sandbox: bash, else sh",
		RunE: func(c *cobra.Command, args []string) error {
			sandbox, err := a.sandbox(args[0])
			if err != nil {
				return err
			}
			options := casemate.ExecOptions{Command: []string{"/bin/sh", "-c", "command -v bash >/dev/null && exec bash -l; exec sh -l"}}
			return a.stream(c.Context(), sandbox, options, term.IsTerminal(int(a.In.Fd())))
		},
	}
}

func minArgs(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("too few arguments: %s", c.UseLine())
		}
		return nil
	}
}

// trimDashes drops the `--` that separates a command from what comes before it, which cobra keeps behind an argument.
func trimDashes(argv []string) []string {
	if len(argv) > 0 && argv[0] == "--" {
		return argv[1:]
	}
	return argv
}

// stream runs a command with this process's stdin, stdout and stderr, and returns its exit code as an exitCodeError. With
// tty this terminal is in raw mode meanwhile, and its size follows.
func (a *app) stream(ctx context.Context, sandbox *casemate.Sandbox, options casemate.ExecOptions, tty bool) error {
	// From before the command starts: what comes meanwhile must not end this process and leave the command behind.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)
	if tty {
		size := terminalSize(a.In)
		options.Terminal = &size
	}
	// What is typed goes to the command only once the terminal is raw, and no longer echoes it.
	stdin, typed := io.Pipe()
	defer func() { _ = stdin.Close() }()
	options.Stdin, options.Stdout, options.Stderr = stdin, a.Out, a.Err
	process, err := sandbox.Start(ctx, options)
	if err != nil {
		return err
	}
	defer process.Close()
	restore := func() {}
	if tty && term.IsTerminal(int(a.In.Fd())) {
		old, err := term.MakeRaw(int(a.In.Fd()))
		if err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
		restore = func() { _ = term.Restore(int(a.In.Fd()), old) }
		defer restore()
	}
	ended := make(chan struct{})
	defer close(ended)
	go forwardSignals(ended, signals, process, a.In, tty)
	go func() {
		_, err := io.Copy(typed, a.In)
		_ = typed.CloseWithError(err)
	}()
	err = process.Wait()
	var exit *casemate.ExitError
	if errors.As(err, &exit) {
		restore() // before there is something to say
		return a.exitCode(exit)
	}
	return err
}

// exitCode passes a command's exit code on, and says what the code alone does not.
func (a *app) exitCode(exit *casemate.ExitError) error {
	switch {
	case exit.OOMKilled:
		_, _ = fmt.Fprint(a.Err, "casemate: the command was killed: the sandbox ran out of memory\n")
	case exit.TimedOut:
		_, _ = fmt.Fprint(a.Err, "casemate: the command was killed: its time was over\n")
	case exit.OutputExceeded:
		_, _ = fmt.Fprint(a.Err, "casemate: the command was killed: it wrote more than the sandbox's limit of output (--output)\n")
	}
	return exitCodeError(exit.Code)
}

// forwardSignals passes on signals for the command, and the terminal's new size, until the command has ended.
func forwardSignals(ended <-chan struct{}, signals <-chan os.Signal, process *casemate.Process, terminal *os.File, tty bool) {
	for {
		var err error
		select {
		case <-ended:
			return
		case sig := <-signals:
			switch n, _ := sig.(syscall.Signal); {
			case n != syscall.SIGWINCH:
				err = process.Signal(n)
			case tty:
				err = process.Resize(terminalSize(terminal))
			}
		}
		if err != nil {
			return
		}
	}
}

func terminalSize(f *os.File) casemate.TerminalSize {
	w, h, err := term.GetSize(int(f.Fd()))
	if err != nil {
		w, h = 80, 24
	}
	return casemate.TerminalSize{Width: uint32(w), Height: uint32(h)}
}
