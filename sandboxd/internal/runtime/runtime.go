// Package runtime says what a sandbox runtime is: it makes an isolated environment from a root file system with the agent
// as its PID 1, gives a way to reach the agent, and takes the environment away without a trace. It never sees a secret:
// those reach the sandbox through the agent's connection only.
package runtime

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Runtime makes sandboxes of one kind. All methods may be called concurrently.
type Runtime interface {
	// Name is the runtime's name in specs and configuration, such as "native".
	Name() string

	// Check says why the runtime can't work on this host, and what to do about it; nil when it can.
	Check(ctx context.Context) error

	// Needs says which parts of this host go into the runtime's sandboxes: Config has these, and no others are made.
	Needs() Needs

	// Create makes a sandbox with the agent running in it and waiting for its first call. When it fails, or ctx ends
	// first, nothing of the sandbox is left.
	Create(ctx context.Context, cfg Config) (Instance, error)

	// Load finds a sandbox that an earlier sandboxd made. errdefs.NotFound when its agent does not run any more.
	Load(ctx context.Context, id string) (Instance, error)

	// List returns the ids of all sandboxes of this sandboxd's of which anything is left: directories, cgroups, processes, or
	// whatever else the runtime makes, wherever that is.
	List(ctx context.Context) ([]string, error)

	// Remove kills what runs of a sandbox and removes everything of it. Of a sandbox that is not there it
	// does nothing.
	Remove(ctx context.Context, id string) error
}

// Instance is one sandbox that a runtime made.
type Instance interface {
	// ID is Config.ID.
	ID() string

	// Dial connects to the agent: one connection, one call. See casemate.agent.v1.
	Dial(ctx context.Context) (net.Conn, error)

	// Done is closed when the agent, and so all of the sandbox, has ended.
	Done() <-chan struct{}

	// Ended says why, once Done is closed.
	Ended() Ended
}

// Ended says how a sandbox's agent ended.
type Ended struct {
	// OOMKilled: the kernel killed a process of the sandbox for want of memory.
	OOMKilled bool
	// LastWords are what the agent wrote when it crashed, at most 4 KiB; nearly always empty. For the log only.
	LastWords string
}

// Needs are the parts of this host that go into a runtime's sandboxes. A runtime whose sandboxes are on other machines has
// no use for them: it leaves them out here, and then nothing is unpacked and no link is made on this host.
type Needs struct {
	// Layers: the image, unpacked on this host, as Config.RootFS. Without it the runtime gets the image by itself, by
	// Config.Image.
	Layers bool
	// Link: the network is made on this host, by Config.Connect, and looked after there. Without it the runtime sees to what
	// Config.Network says.
	Link bool
}

// Config says what to make.
type Config struct {
	// ID names the sandbox: [a-z0-9-], at most 64 characters.
	ID string
	// Hostname inside the sandbox: [A-Za-z0-9.-], at most 64 characters.
	Hostname string
	// Image is the image that the sandbox is of.
	Image Image
	// RootFS is what the sandbox sees as `/`; set for a runtime that needs layers.
	RootFS RootFS
	// Limits are the sandbox's limits. All must be positive, but where one says otherwise, and memory at least sandbox.MinMemoryBytes.
	Limits Limits
	// Security is what of the sandbox's security its runtime has to see to; the zero value is what most have.
	Security Security
	// Network is what the sandbox may reach. It is normalized: the mode is one of sandbox's.
	Network sandbox.Network
	// Connect makes that network, for a runtime that needs a link; nil where there is none to make. It is called once the
	// sandbox has its network namespace, with nothing in it but loopback, and before any program of the sandbox runs. To take
	// away what it made is its caller's business.
	Connect func(ctx context.Context, namespace *os.File) error
	// NameServer is what the sandbox's /etc/resolv.conf is to say; the zero Addr leaves the image's as it is.
	NameServer netip.Addr
}

// Image names an image: as it was asked for, with the registry and tag that a short name implies, and by its manifest's digest.
type Image struct{ Name, Digest string }

// RootFS is a stack of read-only directories; a writable layer of the sandbox's own comes on top.
type RootFS struct {
	// Layers are directories of the host, the topmost first. Their files are owned by the image's own user ids (0 to
	// 65535); the runtime maps these to the sandbox's private range.
	Layers []string
}

// Security is what a sandbox's root may do, as far as the runtime gives it. What the sandbox's processes have less than that,
// dropped capabilities and a user that is not root, is the agent's business: see agent.Config.
type Security struct {
	// AddCapabilities are what root, and so the agent, has besides sandbox.DefaultCapabilities. A capability counts for the
	// sandbox's own namespaces only.
	AddCapabilities sandbox.Capabilities
	// ReadOnlyRoot: once the agent runs, nothing can write the root file system, the agent included. File systems in memory,
	// counted as the sandbox's, are mounted on sandbox.WritablePaths, with mode 1777.
	ReadOnlyRoot bool
}

// Capabilities are all that the agent has, and no process of the sandbox more.
func (s Security) Capabilities() sandbox.Capabilities {
	return sandbox.DefaultCapabilities | s.AddCapabilities
}

// Limits are what a sandbox may use.
type Limits struct {
	// MemoryBytes of memory, page cache and tmpfs; swap is not given.
	MemoryBytes int64
	// CPUMillis in thousandths of a core.
	CPUMillis int64
	// Pids is the number of processes and threads, without the agent's own. To start one, the agent needs a second for a
	// moment.
	Pids int64
	// DiskBytes that files in the writable layer may take; those of the image are not counted until they are changed. 0 where the
	// host bounds no disks.
	DiskBytes int64
	// Inodes: the number of files, directories, links and so on in the writable layer; never more than one for 4 KiB of
	// DiskBytes. 0 like DiskBytes.
	Inodes int64
	// OpenFiles is the hard limit of what each process has open; the agent has the same. sandboxd's own hard limit must not be less.
	OpenFiles int64
}

// CreateTimeout bounds the making of one sandbox, whatever the caller's deadline.
const CreateTimeout = 30 * time.Second
