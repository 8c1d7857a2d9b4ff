package soak_test

import (
	"testing"

	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestMain runs the test in a network namespace of its own, which is the host as far as it knows: nothing of the machine's
// is touched.
func TestMain(m *testing.M) { sandboxdtest.InOwnNetwork(m, nil) }
