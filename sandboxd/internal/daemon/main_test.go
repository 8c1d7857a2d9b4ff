package daemon_test

import (
	"os"
	"testing"

	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestMain is a sandboxd when StartProcess started it.
func TestMain(m *testing.M) {
	sandboxdtest.RunChild(nil)
	os.Exit(m.Run())
}
