package onhost

import (
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

func TestTheLockOfAKilledSandboxdIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	first, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = first.Close() })
	second, err := lockDir(dir)
	if err != nil {
		t.Fatalf("while what the first left ends: %v", err)
	}
	defer second.Close() //nolint:errcheck // nothing was written
	if _, err := lockDir(dir); errdefs.ReasonOf(err) != "STATE_DIR_IN_USE" {
		t.Errorf("beside another sandboxd: %v, want STATE_DIR_IN_USE", err)
	}
}
