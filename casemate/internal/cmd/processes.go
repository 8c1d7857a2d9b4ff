package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/errdefs"
)

// detach starts a command in the background and prints its id.
func (a *app) detach(ctx context.Context, sandbox *casemate.Sandbox, o casemate.ExecOptions, tty, stdin bool) error {
	options := casemate.BackgroundOptions{Command: o.Command, Env: o.Env, Dir: o.Dir, User: o.User, Timeout: o.Timeout, Stdin: stdin}
	if tty {
		size := terminalSize(a.In)
		options.Terminal = &size
	}
	process, err := sandbox.StartBackground(ctx, options)
	if err != nil {
		return err
	}
	return a.show(&sandboxv1.Process{Id: process.ID}, func() error { return a.line(process.ID) })
}

// processes lists a sandbox's background processes.
func (a *app) processes(ctx context.Context, arg string, quiet bool) error {
	sandbox, err := a.sandbox(arg)
	if err != nil {
		return err
	}
	list, err := sandbox.Processes(ctx)
	if err != nil {
		return err
	}
	return a.show(&sandboxv1.ListProcessesResponse{Processes: list}, func() error {
		var rows [][]string
		for _, p := range list {
			if quiet {
				if err := a.line(p.GetId()); err != nil {
					return err
				}
				continue
			}
			command := strings.Join(p.GetCommand(), " ")
			if p.GetCommandTruncated() {
				command += " …"
			}
			rows = append(rows, []string{p.GetId(), strconv.Itoa(int(p.GetPid())), processState(p), age(p.GetStartTime()), age(p.GetEndTime()), command})
		}
		if quiet {
			return nil
		}
		return a.table([]string{"PROCESS", "PID", "STATE", "STARTED", "ENDED", "COMMAND"}, rows)
	})
}

func processState(p *sandboxv1.Process) string {
	switch {
	case p.ExitCode == nil:
		return "running"
	case p.GetOomKilled():
		return fmt.Sprintf("exit %d (out of memory)", p.GetExitCode())
	case p.GetTimedOut():
		return fmt.Sprintf("exit %d (timeout)", p.GetExitCode())
	default:
		return fmt.Sprintf("exit %d", p.GetExitCode())
	}
}

func (a *app) attach() *cobra.Command {
	var stdin bool
	c := &cobra.Command{
		Use: "attach SANDBOX PROCESS", Args: exactArgs(2), Short: "Follow a background process's output, from what is kept of it to its exit",
		Long: `Follow a background process's output, from what is kept of it to its exit, and exit with its code.

Ctrl-C detaches: the process goes on, and "casemate attach" finds it again. A process with a terminal (exec -d -t) gets what is
typed at this one; there, Ctrl-] detaches. "casemate kill" ends a process.`,
		RunE: func(c *cobra.Command, args []string) error {
			sandbox, err := a.sandbox(args[0])
			if err != nil {
				return err
			}
			return a.follow(c.Context(), sandbox, args[1], stdin)
		},
	}
	c.Flags().BoolVarP(&stdin, "stdin", "i", false, "give the process this command's input, to its end; it must have been started with --stdin")
	return c
}

// errDetached says that the user let go of a process.
var errDetached = errors.New("detached")

func (a *app) follow(ctx context.Context, sandbox *casemate.Sandbox, id string, stdin bool) error {
	list, err := sandbox.Processes(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(p *sandboxv1.Process) bool { return p.GetId() == id })
	typing := i >= 0 && list[i].GetHasTerminal() && list[i].ExitCode == nil && term.IsTerminal(int(a.In.Fd()))
	process := sandbox.Background(id)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	go func() {
		select {
		case <-interrupts:
			cancel(errDetached)
		case <-ctx.Done():
		}
	}()
	restore := func() {}
	switch {
	case typing:
		old, err := term.MakeRaw(int(a.In.Fd()))
		if err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
		restore = func() { _ = term.Restore(int(a.In.Fd()), old) }
		defer restore()
		go a.followSize(ctx, process)
		go func() { cancelOn(cancel, a.typeInto(ctx, process)) }()
	case stdin:
		go func() { cancelOn(cancel, a.feed(ctx, process)) }()
	}
	err = process.CopyOutput(ctx, a.Out, a.Err)
	restore() // before there is something to say
	var exit *casemate.ExitError
	switch cause := context.Cause(ctx); {
	case errors.As(err, &exit):
		return a.exitCode(exit)
	case err != nil && errors.Is(cause, errDetached):
		_, _ = fmt.Fprintf(a.Err, "casemate: detached from %s, which runs on\n", id)
		return nil
	case err != nil && cause != nil && ctx.Err() != nil && !errors.Is(cause, context.Canceled):
		return cause
	default:
		return err
	}
}

// cancelOn ends the following where the input has failed, but for want of a reader: then the output's end tells what happened.
func cancelOn(cancel context.CancelCauseFunc, err error) {
	if err != nil && errdefs.ReasonOf(err) != "STDIN_CLOSED" {
		cancel(err)
	}
}

// feed gives the process all of this command's input, and then its end.
func (a *app) feed(ctx context.Context, process *casemate.Background) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := a.In.Read(buf)
		if n > 0 {
			if err := process.Write(ctx, buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return process.CloseStdin(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// detachKey is Ctrl-], as telnet has it: no shell and few programs want it.
const detachKey = 0x1d

// typeInto gives the process what is typed, up to the key that detaches.
func (a *app) typeInto(ctx context.Context, process *casemate.Background) error {
	buf := make([]byte, 4<<10)
	for {
		n, err := a.In.Read(buf)
		typed := buf[:n]
		key := slices.Index(typed, detachKey)
		if key >= 0 {
			typed = typed[:key]
		}
		if err := process.Write(ctx, typed); err != nil {
			return err
		}
		if key >= 0 {
			return errDetached
		}
		if err != nil {
			return nil // the terminal is gone; the output goes on
		}
	}
}

// followSize gives the process's terminal the size of this one, now and when it changes.
func (a *app) followSize(ctx context.Context, process *casemate.Background) {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	defer signal.Stop(changed)
	for {
		if process.Resize(ctx, terminalSize(a.In)) != nil {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (a *app) kill() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use: "kill SANDBOX PROCESS...", Args: minArgs(2), Short: "Send a signal to the groups of background processes",
		Long: `Send a signal to background processes, each with all that it started: SIGTERM, unless --signal names another.
"casemate ps SANDBOX" shows the processes and how they ended.`,
		Example: `  casemate kill sb-2cs3f6rn5ybwszfe p1
  casemate kill -s KILL sb-2cs3f6rn5ybwszfe p1 p2`,
		RunE: func(c *cobra.Command, args []string) error {
			sig, err := parseSignal(name)
			if err != nil {
				return err
			}
			sandbox, err := a.sandbox(args[0])
			if err != nil {
				return err
			}
			var errs []error
			for _, id := range args[1:] {
				errs = append(errs, sandbox.Background(id).Signal(c.Context(), sig))
			}
			return errors.Join(errs...)
		},
	}
	c.Flags().StringVarP(&name, "signal", "s", "TERM", "name or number of the signal, such as KILL, SIGINT or 9")
	return c
}

// parseSignal takes a number from 1 to 64, or a name with or without SIG.
func parseSignal(name string) (syscall.Signal, error) {
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= 64 {
		return syscall.Signal(n), nil
	}
	upper := strings.ToUpper(name)
	if sig := unix.SignalNum("SIG" + strings.TrimPrefix(upper, "SIG")); sig != 0 {
		return sig, nil
	}
	return 0, usagef("--signal %q: want a name, such as TERM, or a number from 1 to 64", name)
}
