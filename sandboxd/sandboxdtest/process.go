package sandboxdtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/daemon"
)

// childConfig is a variable with the configuration, as JSON, of the sandboxd that this process is to be.
const childConfig = "SANDBOXDTEST_CHILD"

// RunChild makes the process a sandboxd and does not return, when StartProcess started it. Call it first in TestMain. serves,
// unless nil, is called when that sandboxd has taken up its sandboxes and listens.
func RunChild(serves func()) {
	text := os.Getenv(childConfig)
	if text == "" {
		return
	}
	if err := serveChild(text, serves); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveChild(text string, serves func()) error {
	var cfg config.Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return err
	}
	logger, err := logging.New(os.Stderr, "debug", "json")
	if err != nil {
		return err
	}
	d, err := daemon.New(context.Background(), cfg, logger)
	if err != nil {
		return err
	}
	if serves != nil {
		serves()
	}
	fmt.Println("serves")
	return d.Run(context.Background())
}

// Process is a sandboxd that runs as a process of its own, so that it can be killed.
type Process struct {
	// Serves says whether it came as far as that.
	Serves bool
	// Exited is closed when it has ended, by whatever.
	Exited chan struct{}

	cmd *exec.Cmd
}

// StartProcess stops sandboxd and starts it anew as a process of its own, with the same configuration and more variables in
// its environment, and returns when it serves or has ended. The test binary must call RunChild in its TestMain. Restart
// must not be called before the process has ended.
func (s *Server) StartProcess(env ...string) *Process {
	s.t.Helper()
	s.Stop()
	text, err := json.Marshal(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(append(os.Environ(), childConfig+"="+string(text)), env...)
	cmd.Stderr = &s.logs
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	p := &Process{cmd: cmd, Exited: make(chan struct{})}
	p.Serves = bufio.NewScanner(out).Scan()
	go func() {
		_ = cmd.Wait()
		close(p.Exited)
	}()
	s.t.Cleanup(p.Kill) // before the Server's own, which removes what it left
	return p
}

// Kill kills the process and returns when it has ended. Its sandboxes run on.
func (p *Process) Kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.Exited
}
