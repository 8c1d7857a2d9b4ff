// Package agent is sandboxd's side of casemate.agent.v1: it talks to the agent that is PID 1 in a sandbox. It does not
// trust the agent: whatever a sandbox has done to it, it can't make sandboxd wait, crash or take memory without bound. What
// breaks the protocol is answered like a dead agent, SANDBOX_LOST.
package agent

import (
	"context"
	"net"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// ReplyTimeout bounds the wait for an answer that needs no work of unknown length.
const ReplyTimeout = 30 * time.Second

// Dialer connects to the agent of one sandbox. Each call has a connection of its own.
type Dialer func(ctx context.Context) (net.Conn, error)

// Client calls the agent of one sandbox. Its methods may be called concurrently. All fail with Unavailable SANDBOX_LOST when
// the agent is gone.
type Client struct{ dial Dialer }

// NewClient returns a client that connects with d.
func NewClient(d Dialer) *Client { return &Client{dial: d} }

// EnvVar is one environment variable. A Secret one is masked in the main process's log, and no ExecRequest may set it.
type EnvVar struct {
	Name   string
	Value  redact.Bytes
	Secret bool
}

// File is a file to write.
type File struct {
	Path    string // absolute
	Content []byte
	Mode    uint32 // 0: 0644
}

// Config is what a fresh sandbox gets before anything runs in it.
type Config struct {
	// Env is the whole base environment: the image's, the spec's and the secrets'.
	Env []EnvVar
	// WorkingDir is an absolute path, made if missing. Empty: "/".
	WorkingDir string
	// User is "", "name", "uid", "name:group" or "uid:gid", looked up in the sandbox's own /etc/passwd. Empty: root.
	User string
	// MaskOutput masks the secrets in the output of commands and in what ReadFile reads, too.
	MaskOutput bool
	// Dropped are the capabilities that no process has of those that the agent has.
	Dropped sandbox.Capabilities
	// NonRoot refuses to run anything as user 0.
	NonRoot bool
	// Files are written one after the other. They belong to User.
	Files []File
}

// Configure gives the sandbox its environment. It may succeed once: FailedPrecondition AGENT_CONFIGURED after that.
// Other errors: InvalidArgument USER_NOT_FOUND, RUN_AS_ROOT, ENVIRONMENT_TOO_LARGE, and those of WriteFile.
func (c *Client) Configure(ctx context.Context, cfg Config) error {
	req := &agentv1.Configure{WorkingDir: cfg.WorkingDir, User: cfg.User, MaskOutput: cfg.MaskOutput, DroppedCapabilities: uint64(cfg.Dropped), NonRoot: cfg.NonRoot}
	for _, v := range cfg.Env {
		req.Env = append(req.Env, &agentv1.EnvVar{Name: v.Name, Value: v.Value.Reveal(), Secret: v.Secret})
	}
	if proto.Size(req) > frame.MaxPayload-16 {
		return errdefs.New(errdefs.InvalidArgument, "ENVIRONMENT_TOO_LARGE", "the environment is longer than 1 MiB")
	}
	if _, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_Configure{Configure: req}}); err != nil {
		return err
	}
	for _, f := range cfg.Files {
		if err := c.WriteFile(ctx, f.Path, f.Mode, f.Content); err != nil {
			return err
		}
	}
	return nil
}

// StartMain starts the main process. pid is its number in the sandbox; it is 0 when the command is missing or can't be
// run, which WaitMain (127, 126) and Logs then tell as a shell would. Errors: FailedPrecondition MAIN_PROCESS_STARTED,
// AGENT_NOT_CONFIGURED; ResourceExhausted PROCESS_LIMIT.
func (c *Client) StartMain(ctx context.Context, argv []string) (pid int, err error) {
	if err := checkArgv(argv); err != nil {
		return 0, err
	}
	r, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_StartMain{StartMain: &agentv1.StartMain{Argv: argv}}})
	return int(r.GetPid()), err
}

// WaitMain waits until the main process has ended, and answers at once when it already has: 0 to 255, 128 + n for a process
// killed by signal n. Errors: FailedPrecondition NO_MAIN_PROCESS.
func (c *Client) WaitMain(ctx context.Context) (exitCode int, err error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_WaitMain{WaitMain: &agentv1.WaitMain{}}})
	if err != nil {
		return 0, err
	}
	defer conn.close()
	r, err := conn.response()
	return int(uint8(r.GetExitCode())), err
}

// SignalMain signals the main process's group; with no main process, every process but the agent. It does nothing when
// none of them runs any more.
func (c *Client) SignalMain(ctx context.Context, sig int) error {
	if err := checkSignal(sig); err != nil {
		return err
	}
	_, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_SignalMain{SignalMain: &agentv1.SignalMain{Signal: int32(sig)}}})
	return err
}

// Ping asks the agent for a sign of life.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_Ping{Ping: &agentv1.Ping{}}})
	return err
}

// ask makes a call that is one request and one prompt answer.
func (c *Client) ask(ctx context.Context, req *agentv1.Request) (*agentv1.Response, error) {
	conn, err := c.open(ctx, req)
	if err != nil {
		return nil, err
	}
	defer conn.close()
	return conn.promptResponse()
}

func checkArgv(argv []string) error {
	if len(argv) == 0 || argv[0] == "" {
		return errdefs.InvalidField("command", "is empty")
	}
	n := 0
	for _, a := range argv {
		if strings.IndexByte(a, 0) >= 0 {
			return errdefs.InvalidField("command", "has a NUL byte")
		}
		n += len(a) + 8
	}
	if n > frame.MaxPayload/2 {
		return errdefs.InvalidField("command", "is longer than 512 KiB")
	}
	return nil
}

func checkSignal(sig int) error {
	if sig < 1 || sig > 64 {
		return errdefs.InvalidField("signal", "%d is not a signal number (1 to 64)", sig)
	}
	return nil
}
