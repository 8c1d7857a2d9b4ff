package coreweave

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// The rpcs that are not served, each with a sentence that the SDK shows to its user.

// notServed makes the error of an rpc that is not served.
func notServed(why string) error {
	return toStatus(errdefs.New(errdefs.Unimplemented, reasonNotImplemented, "%s", why))
}

// ConnectSandbox says no in the way that lets the SDK keep to this service: any code but a few, such as UNIMPLEMENTED,
// would fail the call that its user made.
func (*service) ConnectSandbox(context.Context, *sandboxv1.ConnectSandboxRequest) (*sandboxv1.SandboxConnection, error) {
	return nil, notServed("Casemate has no direct connections to sandboxes")
}

// CreateSandboxFromTemplate is not served.
func (*service) CreateSandboxFromTemplate(context.Context, *sandboxv1.CreateSandboxFromTemplateRequest) (*sandboxv1.Sandbox, error) {
	return nil, notServed("Casemate has no sandbox templates: create the sandbox from an image")
}

// CreateSandboxFromFile is not served.
func (*service) CreateSandboxFromFile(context.Context, *sandboxv1.CreateSandboxFromFileRequest) (*sandboxv1.Sandbox, error) {
	return nil, notServed("Casemate does not run Compose files: create the sandbox from an image")
}

// GetSandboxBuildLogs is not served.
func (*service) GetSandboxBuildLogs(context.Context, *sandboxv1.GetSandboxBuildLogsRequest) (*sandboxv1.GetSandboxBuildLogsResponse, error) {
	return nil, notServed("Casemate builds no images, so there are no build logs")
}

// PurgeSandboxes is not served.
func (*service) PurgeSandboxes(context.Context, *sandboxv1.PurgeSandboxesRequest) (*sandboxv1.PurgeSandboxesResponse, error) {
	return nil, notServed("Casemate does not purge sandboxes: delete them one by one")
}

// errNoSnapshots has a reason for which the SDK has an exception of its own.
func errNoSnapshots() error {
	return errdefs.New(errdefs.Unimplemented, reasonNoSnapshots, "Casemate takes no snapshots of file systems")
}

// CreateFileSystemSnapshot is not served.
func (*service) CreateFileSystemSnapshot(context.Context, *sandboxv1.CreateFileSystemSnapshotRequest) (*sandboxv1.FileSystemSnapshot, error) {
	return nil, toStatus(errNoSnapshots())
}

// GetFileSystemSnapshot is not served.
func (*service) GetFileSystemSnapshot(context.Context, *sandboxv1.GetFileSystemSnapshotRequest) (*sandboxv1.FileSystemSnapshot, error) {
	return nil, toStatus(errNoSnapshots())
}

// ListFileSystemSnapshots is not served.
func (*service) ListFileSystemSnapshots(context.Context, *sandboxv1.ListFileSystemSnapshotsRequest) (*sandboxv1.ListFileSystemSnapshotsResponse, error) {
	return nil, toStatus(errNoSnapshots())
}

// DeleteFileSystemSnapshot is not served.
func (*service) DeleteFileSystemSnapshot(context.Context, *sandboxv1.DeleteFileSystemSnapshotRequest) (*sandboxv1.FileSystemSnapshot, error) {
	return nil, toStatus(errNoSnapshots())
}
