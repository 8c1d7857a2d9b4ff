package controller

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Background processes are the agent's: it starts them, keeps their output and remembers how they ended. So they outlive
// sandboxd, which records nothing of them. A process is named "p" and the agent's number.

// Process is a background process.
type Process struct {
	agent.BackgroundProcess
	// ID is its name in the sandbox.
	ID string
}

func named(p agent.BackgroundProcess) Process {
	return Process{BackgroundProcess: p, ID: "p" + strconv.FormatUint(p.ID, 10)}
}

func processNumber(id string) (uint64, error) {
	digits, ok := strings.CutPrefix(id, "p")
	n, err := strconv.ParseUint(digits, 10, 63)
	if !ok || err != nil || n == 0 || strconv.FormatUint(n, 10) != digits {
		return 0, errdefs.New(errdefs.NotFound, "PROCESS_NOT_FOUND", "the sandbox has no background process %q", id)
	}
	return n, nil
}

// StartProcess starts a command in the background. Errors: those of Exec, and ResourceExhausted (TOO_MANY_PROCESSES).
func (c *Controller) StartProcess(ctx context.Context, caller identity.Caller, ref Ref, req agent.ExecRequest) (Process, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return Process{}, err
	}
	if err := sandbox.ValidateExec(req.Argv, req.Env, req.WorkingDir, req.User); err != nil {
		return Process{}, err
	}
	p, err := s.agent.StartProcess(ctx, req)
	return named(p), s.explain(tryAgain(err))
}

// ListProcesses returns the background processes that run, and those that have ended and are not forgotten yet, in the order in
// which they were started.
func (c *Controller) ListProcesses(ctx context.Context, caller identity.Caller, ref Ref) ([]Process, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	list, err := s.agent.ListProcesses(ctx)
	var all []Process
	for _, p := range list {
		all = append(all, named(p))
	}
	return all, s.explain(err)
}

// SignalProcess signals a background process's group. The error is NotFound (PROCESS_NOT_FOUND).
func (c *Controller) SignalProcess(ctx context.Context, caller identity.Caller, ref Ref, id string, sig int) error {
	s, n, err := c.findProcess(ctx, caller, ref, id)
	if err != nil {
		return err
	}
	return s.explain(s.agent.SignalProcess(ctx, n, sig))
}

// ProcessInput returns when a background process has been given all of in. Errors: NotFound (PROCESS_NOT_FOUND),
// FailedPrecondition (STDIN_CLOSED, NO_TERMINAL).
func (c *Controller) ProcessInput(ctx context.Context, caller identity.Caller, ref Ref, id string, in agent.ProcessInput) error {
	s, n, err := c.findProcess(ctx, caller, ref, id)
	if err != nil {
		return err
	}
	release, err := c.execs.take(s.snapshot())
	if err != nil {
		return err
	}
	defer release()
	return s.explain(s.agent.ProcessInput(ctx, n, in))
}

// AttachProcess calls fn for each piece of a background process's output from offset on, and last for its exit, until an error
// of fn or the end of ctx. Errors: NotFound (PROCESS_NOT_FOUND), ResourceExhausted (TOO_MANY_ATTACHED, TOO_MANY_EXECS).
func (c *Controller) AttachProcess(ctx context.Context, caller identity.Caller, ref Ref, id string, offset uint64, fn func(agent.Output) error) error {
	s, n, err := c.findProcess(ctx, caller, ref, id)
	if err != nil {
		return err
	}
	return c.whileServing(ctx, s, func(ctx context.Context) error {
		a, err := s.agent.AttachProcess(ctx, n, offset)
		if err != nil {
			return tryAgain(err)
		}
		defer a.Close()
		for {
			out, err := a.Next()
			if err != nil {
				return err
			}
			if err := fn(out); err != nil || out.Kind == agent.Exit {
				return err
			}
		}
	})
}

// WaitProcess returns a background process when it has ended, or as it is when timeout is over; 0 waits as long as ctx lets it.
// Errors: NotFound (PROCESS_NOT_FOUND), ResourceExhausted (TOO_MANY_EXECS).
func (c *Controller) WaitProcess(ctx context.Context, caller identity.Caller, ref Ref, id string, timeout time.Duration) (Process, error) {
	s, n, err := c.findProcess(ctx, caller, ref, id)
	if err != nil {
		return Process{}, err
	}
	var p agent.BackgroundProcess
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	if timeout > 0 {
		defer time.AfterFunc(timeout, cancel).Stop()
	}
	err = c.whileServing(waiting, s, func(ctx context.Context) error {
		p, err = s.agent.WaitProcess(ctx, n)
		return err
	})
	if waiting.Err() != nil && ctx.Err() == nil && errors.Is(err, context.Canceled) { // the timeout is over
		return c.getProcess(ctx, s, n)
	}
	return named(p), err
}

func (c *Controller) getProcess(ctx context.Context, s *live, n uint64) (Process, error) {
	list, err := s.agent.ListProcesses(ctx)
	if err != nil {
		return Process{}, s.explain(err)
	}
	i := slices.IndexFunc(list, func(p agent.BackgroundProcess) bool { return p.ID == n })
	if i < 0 {
		return Process{}, errdefs.New(errdefs.NotFound, "PROCESS_NOT_FOUND", "the process has ended and is forgotten, for newer ones")
	}
	return named(list[i]), nil
}

// whileServing is serving for what takes a slot of the sandbox's meanwhile.
func (c *Controller) whileServing(ctx context.Context, s *live, f func(context.Context) error) error {
	release, err := c.execs.take(s.snapshot())
	if err != nil {
		return err
	}
	defer release()
	return s.explain(c.serving(ctx, f))
}

func (c *Controller) findProcess(ctx context.Context, caller identity.Caller, ref Ref, id string) (*live, uint64, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return nil, 0, err
	}
	n, err := processNumber(id)
	return s, n, err
}
