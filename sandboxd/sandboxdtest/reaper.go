package sandboxdtest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
)

// Reap makes a pass of the reaper, which sandboxd makes every minute by itself.
func (s *Server) Reap(ctx context.Context) error { return s.daemon.Reap(ctx) }

// Drain drains sandboxd, as SIGUSR1 does; Drained waits until it has stopped for it.
func (s *Server) Drain() { s.daemon.Drain() }

// Undrain takes a drain back, as SIGUSR2 does.
func (s *Server) Undrain() { s.daemon.Undrain() }

// Drained returns when sandboxd has stopped by itself, at the end of a drain. Restart starts it again.
func (s *Server) Drained() {
	s.t.Helper()
	if err := <-s.done; err != nil {
		s.t.Errorf("a drained sandboxd stopped with: %v", err)
	}
	s.cancel()
	s.cancel = nil
}

// SignalAgent sends a signal to a running sandbox's agent from outside.
func (s *Server) SignalAgent(id string, signal syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(s.AgentPid(id), signal); err != nil {
		s.t.Fatal(err)
	}
}

// AgentPid is the number that a running sandbox's agent has on the host.
func (s *Server) AgentPid(id string) int {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.SandboxDir(id), "record.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	var record struct{ Pid int }
	if err := json.Unmarshal(content, &record); err != nil || record.Pid <= 1 {
		s.t.Fatalf("%v in %s", err, content)
	}
	return record.Pid
}

// SandboxDir is where a sandbox's runtime keeps what it needs of it; the default runtime's place of one that is not there.
func (s *Server) SandboxDir(id string) string {
	for _, runtime := range s.cfg.Runtimes {
		dir := filepath.Join(s.cfg.RuntimeDir(), runtime, id)
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	return filepath.Join(s.cfg.RuntimeDir(), s.cfg.Runtimes[0], id)
}
