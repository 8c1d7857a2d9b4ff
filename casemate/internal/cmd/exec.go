package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// forwarded are the signals that a command gets as its own. SIGTERM is not among them: it ends this process, and with the
// stream the command.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH}

// stdinChunk is how much of stdin goes in one message.
const stdinChunk = 64 << 10

// sandboxName makes a full resource name of what a person types: a bare id means the sandbox of that id in any of the
// caller's teams.
func sandboxName(arg string) string {
	if strings.Contains(arg, "/") {
		return arg
	}
	return "teams/-/sandboxes/" + arg
}

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

func (f *execFlags) spec(argv []string) (*sandboxv1.ExecSpec, error) {
	env, err := parseEnv(f.env)
	if err != nil {
		return nil, err
	}
	spec := &sandboxv1.ExecSpec{Command: argv, Environment: env, WorkingDir: f.workdir, User: f.user}
	if f.timeout > 0 {
		spec.Timeout = durationpb.New(f.timeout)
	}
	return spec, nil
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
	c := &cobra.Command{
		Use: "exec SANDBOX -- COMMAND...", Short: "Run a command in a sandbox, with this terminal's input and output",
		Args: minArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			argv := trimDashes(args[1:])
			if len(argv) == 0 {
				return usagef("say which command to run: %s", c.UseLine())
			}
			spec, err := f.spec(argv)
			if err != nil {
				return err
			}
			sandboxes, err := a.sandboxes()
			if err != nil {
				return err
			}
			return a.stream(c.Context(), sandboxes, sandboxName(args[0]), spec, f.tty)
		},
	}
	f.register(c)
	return c
}

func (a *app) shell() *cobra.Command {
	return &cobra.Command{
		Use: "shell SANDBOX", Args: exactArgs(1), Short: "A login shell in a sandbox: bash, else sh",
		RunE: func(c *cobra.Command, args []string) error {
			sandboxes, err := a.sandboxes()
			if err != nil {
				return err
			}
			spec := &sandboxv1.ExecSpec{Command: []string{"/bin/sh", "-c", "command -v bash >/dev/null && exec bash -l; exec sh -l"}}
			return a.stream(c.Context(), sandboxes, sandboxName(args[0]), spec, term.IsTerminal(int(a.In.Fd())))
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
func (a *app) stream(ctx context.Context, sandboxes sandboxv1.SandboxServiceClient, name string, spec *sandboxv1.ExecSpec, tty bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := sandboxes.StreamExec(ctx)
	if err != nil {
		return err
	}
	s := &execStream{call: call}
	// From before the command starts: what comes meanwhile must not end this process and leave the command behind.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)
	start := &sandboxv1.StreamExecStart{Name: name, Spec: spec}
	if tty {
		start.Terminal = terminalSize(a.In)
	}
	if err := s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: start}}); err != nil {
		return err
	}
	if tty && term.IsTerminal(int(a.In.Fd())) {
		old, err := term.MakeRaw(int(a.In.Fd()))
		if err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
		defer func() { _ = term.Restore(int(a.In.Fd()), old) }()
	}
	go s.forwardSignals(ctx, signals, a.In, tty)
	go s.forwardStdin(a.In)
	return a.receive(call)
}

func (a *app) receive(call sandboxv1.SandboxService_StreamExecClient) error {
	for {
		msg, err := call.Recv()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return errors.New("the command's stream ended without an exit code")
			}
			return err
		}
		switch m := msg.GetMessage().(type) {
		case *sandboxv1.StreamExecResponse_Stdout:
			_, err = a.Out.Write(m.Stdout)
		case *sandboxv1.StreamExecResponse_Stderr:
			_, err = a.Err.Write(m.Stderr)
		case *sandboxv1.StreamExecResponse_Exit:
			if code := m.Exit.GetExitCode(); code != 0 {
				return exitCodeError(code)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("writing the command's output: %w", err)
		}
	}
}

// execStream lets several goroutines send: a gRPC stream allows one sender at a time.
type execStream struct {
	mu   sync.Mutex
	call sandboxv1.SandboxService_StreamExecClient
}

func (s *execStream) send(m *sandboxv1.StreamExecRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.call.Send(m)
}

// forwardStdin sends stdin to its end, and then closes the command's. A failed send means that the command has ended:
// receive has the reason.
func (s *execStream) forwardStdin(in io.Reader) {
	buf := make([]byte, stdinChunk)
	for {
		n, err := in.Read(buf)
		if n > 0 {
			// Send has encoded the message when it returns, so buf may be used again.
			if s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: buf[:n]}}) != nil {
				return
			}
		}
		if err != nil {
			_ = s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_CloseStdin{CloseStdin: &sandboxv1.CloseStdin{}}})
			return
		}
	}
}

// forwardSignals passes on signals for the command, and the terminal's new size, until ctx ends.
func (s *execStream) forwardSignals(ctx context.Context, signals <-chan os.Signal, terminal *os.File, tty bool) {
	for {
		select {
		case <-ctx.Done():
			return
		case sig := <-signals:
			m := &sandboxv1.StreamExecRequest{}
			switch n, _ := sig.(syscall.Signal); {
			case n != syscall.SIGWINCH:
				m.Message = &sandboxv1.StreamExecRequest_Signal{Signal: int32(n)}
			case tty:
				m.Message = &sandboxv1.StreamExecRequest_Resize{Resize: terminalSize(terminal)}
			default:
				continue
			}
			if s.send(m) != nil {
				return
			}
		}
	}
}

func terminalSize(f *os.File) *sandboxv1.TerminalSize {
	w, h, err := term.GetSize(int(f.Fd()))
	if err != nil {
		w, h = 80, 24
	}
	return &sandboxv1.TerminalSize{Width: uint32(w), Height: uint32(h)}
}
