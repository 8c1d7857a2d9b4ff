package controller

import (
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// security is the part of s that a runtime has to see to. The agent does the rest, so that it holds on every runtime.
func security(s sandbox.Security) runtime.Security {
	return runtime.Security{AddCapabilities: s.Added(), ReadOnlyRoot: s.ReadOnlyRoot}
}

// limits are those that the runtime knows of; output is bounded by who reads it.
func limits(r sandbox.Resources) runtime.Limits {
	return runtime.Limits{
		MemoryBytes: r.MemoryBytes, CPUMillis: r.CPUMillis, Pids: r.Pids, DiskBytes: r.DiskBytes, Inodes: r.Inodes, OpenFiles: r.OpenFiles,
	}
}

// dropped is what the sandbox's root has by its runtime, and its processes are not to have.
func dropped(s sandbox.Security) sandbox.Capabilities {
	return security(s).Capabilities() &^ s.Capabilities()
}
