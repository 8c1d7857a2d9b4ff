package main_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/casemate/casemate/casemate/internal/cmd"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// watched is output that says when a text is in it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // holds one token when there is more to look at
}

func newWatched() *watched { return &watched{more: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.more <- struct{}{}:
	default:
	}
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func (w *watched) await(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(w.String(), text) {
		select {
		case <-w.more:
		case <-time.After(20 * time.Second):
			t.Fatalf("no %q in %s", text, w)
		}
	}
}

// TestAuditTailFollows follows the log over a change, until secretsd stops.
func TestAuditTailFollows(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	for name, value := range map[string]string{
		"SECRETSD": s.Address(), "CA_FILE": s.CAFile(), "API_KEY": s.OperatorKey, "CONFIG": filepath.Join(t.TempDir(), "none.yaml"),
	} {
		t.Setenv("CASEMATE_"+name, value)
	}
	out, errs := newWatched(), newWatched()
	ended := make(chan int, 1)
	go func() {
		ended <- cmd.Main(context.WithoutCancel(t.Context()), cmd.Streams{In: os.Stdin, Out: out, Err: errs},
			[]string{"audit", "tail", "--follow", "--all-teams"}, "v0.0.0-test")
	}()
	out.await(t, "audit.tail")
	s.CreateSecret("ml", "LATE", "")
	out.await(t, "teams/ml/secrets/LATE")
	s.Stop()
	if code := <-ended; code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	errs.await(t, "--after 4 goes on from there")
	errs.await(t, "casemate: error: secretsd is being restarted: go on after entry 4")
}
