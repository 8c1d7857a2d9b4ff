package server

import (
	"errors"
	"os"
	"path"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/agent/runes"
)

// outputGrace is how long output is waited for that a background process of an exited command still holds open.
const outputGrace = 250 * time.Millisecond

// command is what is to be started, resolved.
type command struct {
	argv []string
	env  []string
	dir  string
	user user
}

// resolve turns a request into a command.
func (s *Server) resolve(r *agentv1.Exec) (command, error) {
	e, err := s.configured()
	if err != nil {
		return command{}, err
	}
	if len(r.GetArgv()) == 0 {
		return command{}, errdefs.InvalidField("command", "is empty")
	}
	cmd := command{argv: r.GetArgv(), dir: e.dir, user: e.user}
	if r.GetUser() != "" {
		if cmd.user, err = e.lookupUser(r.GetUser()); err != nil {
			return command{}, err
		}
	}
	if d := r.GetWorkingDir(); d != "" {
		cmd.dir = d
	}
	if info, err := os.Stat(cmd.dir); !path.IsAbs(cmd.dir) || err != nil || !info.IsDir() {
		return command{}, errdefs.New(errdefs.InvalidArgument, "WORKING_DIRECTORY_INVALID",
			"the working directory %q is not there", cmd.dir).WithMetadata("filepath", cmd.dir)
	}
	cmd.env, err = e.with(r.GetEnv(), cmd.user, r.GetTerminal() != nil)
	return cmd, err
}

// notStarted is a command that could not be: the exit code and the words that a shell would have for it.
type notStarted struct {
	code int
	text string
}

func (e *notStarted) Error() string { return e.text }

// maxShownName is how much of a command's name is repeated where it can't be started.
const maxShownName = 4 << 10

func (c command) notStarted(code int, why string) error {
	name := c.argv[0]
	if len(name) > maxShownName {
		name = name[:runes.Whole([]byte(name[:maxShownName]))] + "…"
	}
	return &notStarted{code, "casemate: " + name + ": " + why + "\n"}
}

// start starts a command with the given standard input, output and error; -1 is /dev/null.
func (s *Server) start(cmd command, stdio [3]int, terminal bool) (*child, error) {
	file, found := lookPath(cmd.argv[0], cmd.dir, cmd.env)
	if !found {
		return nil, cmd.notStarted(127, "command not found")
	}
	attr := &syscall.ProcAttr{
		Dir: cmd.dir, Env: cmd.env,
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: terminal, Ctty: 0, Credential: cmd.user.credential()},
	}
	for _, fd := range stdio {
		if fd < 0 {
			fd = s.spawner.devNull
		}
		attr.Files = append(attr.Files, uintptr(fd))
	}
	c, err := s.spawner.start(file, cmd.argv, attr)
	var errno syscall.Errno
	switch _, ok := errdefs.As(err); {
	case err == nil || ok:
		return c, err
	case errors.Is(err, unix.ENOENT): // the file is there: its interpreter is not
		return nil, cmd.notStarted(127, "its interpreter was not found")
	case errors.Is(err, unix.ENAMETOOLONG) && len(file) < unix.PathMax: // which is what the sentry says
		return nil, cmd.notStarted(126, unix.E2BIG.Error())
	case errors.As(err, &errno):
		return nil, cmd.notStarted(126, errno.Error())
	default:
		return nil, err
	}
}

func (s *Server) exec(c *call, r *agentv1.Exec) {
	cmd, err := s.resolve(r)
	if err != nil {
		c.fail(err)
		return
	}
	io, err := openStdio(r, cmd.user)
	if err != nil {
		c.fail(err)
		return
	}
	defer io.close()
	ch, err := s.start(cmd, io.theirs, r.GetTerminal() != nil)
	io.closeTheirs()
	if err != nil {
		if e := (*notStarted)(nil); errors.As(err, &e) {
			c.answer(&agentv1.Response{}, nil)
			out := make([]byte, frame.HeaderSize, frame.HeaderSize+len(e.text))
			frame.Header(out, frame.Stderr, len(e.text))
			_ = c.write(append(out, e.text...))
			_ = c.send(frame.Exit, &agentv1.Exit{Code: int32(e.code)})
			return
		}
		c.fail(err)
		return
	}
	c.answer(&agentv1.Response{Pid: int32(ch.pid)}, nil)
	c.attend(ch, io, time.Duration(r.GetTimeoutNs()))
}

// attend carries the bytes of a started command to and fro until it has ended.
func (c *call) attend(ch *child, io *stdio, timeout time.Duration) {
	go c.control(ch, io)
	_ = c.send(frame.Exit, ch.follow(io, timeout, c.stream))
}

// follow hands a started command's output to what stream opens for it, until the command has ended, and says how it did. After
// timeout, unless that is 0, it kills the command's process group.
func (ch *child) follow(io *stdio, timeout time.Duration, stream outputStream) *agentv1.Exit {
	pumps := 0
	pumped := make(chan struct{}, 2)
	for i, f := range io.out {
		if f != nil {
			pumps++
			go func() {
				write, end := stream(outputType[i], io.terminal != nil)
				pump(f, write)
				_ = end()
				pumped <- struct{}{}
			}()
		}
	}
	var expired <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		expired = t.C
	}
	timedOut := false
	select {
	case <-ch.done:
	case <-expired:
		timedOut = true
		ch.signalGroup(int(unix.SIGKILL))
		<-ch.done
	}
	io.expire(time.Now().Add(outputGrace))
	for range pumps {
		<-pumped
	}
	return &agentv1.Exit{Code: int32(ch.exitCode()), TimedOut: timedOut, OomKilled: !timedOut && ch.oomKilled()}
}

var outputType = [2]frame.Type{frame.Stdout, frame.Stderr}

// output sends b[frame.HeaderSize:].
func (c *call) output(t frame.Type, b []byte) error {
	frame.Header(b, t, len(b)-frame.HeaderSize)
	return c.write(b)
}

// control does what the caller's frames say. A caller that hangs up, or breaks the protocol, ends the command.
func (c *call) control(ch *child, io *stdio) {
	defer io.in.close()
	defer ch.signalGroup(int(unix.SIGKILL))
	if io.in != nil {
		go io.in.drain(c)
	}
	for {
		t, b, err := c.fr.Next()
		if err != nil {
			return
		}
		switch {
		case t == frame.Stdin && io.in != nil:
			if !io.in.put(b) {
				return
			}
		case t == frame.StdinClose && io.in != nil:
			io.in.end()
		case t == frame.Signal:
			var m agentv1.Signal
			if proto.Unmarshal(b, &m) != nil || m.GetSignal() < 1 || m.GetSignal() > 64 {
				return
			}
			ch.signalGroup(int(m.GetSignal()))
		case t == frame.Resize && io.terminal != nil:
			var m agentv1.TerminalSize
			if proto.Unmarshal(b, &m) != nil {
				return
			}
			_ = resize(io.terminal, &m)
		default:
			return
		}
	}
}
