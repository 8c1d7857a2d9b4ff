package stack

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Process is one daemon as an operating system process, which can be stopped, killed and started again.
type Process struct {
	// LogPath is where its stdout and stderr go, over all of its lives.
	LogPath string

	name, bin string
	args      []string
	admin     string

	cmd  *exec.Cmd
	done chan struct{}
}

// Start runs the daemon and waits until it answers its health check.
func (p *Process) Start(ctx context.Context) error {
	log, err := os.OpenFile(p.LogPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.bin, p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(p.LogPath)}
	// Its own process group: an interrupt at the terminal is for the test run, which then stops it in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.done = cmd, make(chan struct{})
	go func() { _ = cmd.Wait(); close(p.done) }()
	return p.waitHealthy(ctx)
}

func (p *Process) waitHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.admin+"/healthz", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended at its start; its log:\n%s", p.name, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("%s is not healthy after 30 s; its log:\n%s", p.name, p.tail())
		case <-tick.C:
		}
	}
}

func (p *Process) tail() []byte {
	log, _ := os.ReadFile(p.LogPath)
	return log[max(0, len(log)-4096):]
}

// Stop ends the daemon in order and waits for it.
func (p *Process) Stop() { p.end(syscall.SIGTERM) }

// Kill ends the daemon at once, as a crash would.
func (p *Process) Kill() { p.end(syscall.SIGKILL) }

// Wait waits until the daemon has ended by itself, for at most limit, and says how.
func (p *Process) Wait(limit time.Duration) (*os.ProcessState, error) {
	select {
	case <-p.done:
		state := p.cmd.ProcessState
		p.cmd = nil
		return state, nil
	case <-time.After(limit):
		return nil, fmt.Errorf("%s still runs after %v", p.name, limit)
	}
}

// Pid is the running daemon's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

func (p *Process) end(sig syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	p.cmd = nil
}
