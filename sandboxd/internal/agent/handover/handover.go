// Package handover is what sandboxd gives a new agent: the descriptors it is born with, and the one message it then waits
// for. It holds no value of a secret; those come later, through the agent's socket.
package handover

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// FirstStage is the agent's argv[0] when sandboxd starts it. The second stage, which runs on, is "sandbox-agent".
const FirstStage = "sandbox-agent-boot"

// ContainerStage is the agent's only argument when an OCI runtime starts it in a container. Mounts and host name are made then;
// the second stage is the same.
const ContainerStage = "container"

// SentryStage is the agent's only argument in a sandbox of gVisor's, where it is born with 0 to 2 and SetupFD alone: it makes the
// rest itself, and its socket, named SocketName, in the directory of the host's that it finds mounted at SocketDir.
const (
	SentryStage = "sentry"
	SocketDir   = "/dev/casemate"
	SocketName  = "agent.sock"
)

// HoldStage is argv[0] of a process that only holds the namespaces that it is born in, a user and a network one, until an OCI
// runtime has made a container in them. It is born with /dev/null, standard output for HoldReady or what went wrong, standard
// error, and HoldFD, and ends when that does.
const (
	HoldStage = "sandbox-agent-hold"
	HoldReady = "ready"
	HoldFD    = 3
)

// The descriptors of a new agent. 0 and 1 are /dev/null; 2 is a file for a crash's last words.
const (
	// ListenerFD is a listening unix stream socket: its path is outside of the sandbox, unseen from inside.
	ListenerFD = 3
	// SetupFD is a seqpacket socket to sandboxd. The first message comes from there: a Setup, with the root file system's
	// detached mount as a descriptor, but in a container, which has its root. It is the gate: before it the agent only prepares its own namespaces, and touches
	// nothing of the image's. The agent answers with Ready, or with what went wrong, and closes it.
	SetupFD = 4
	// EnterFD and LeaveFD are files of the pids cgroup. A thread that writes "0" to them moves: into the cgroup that limits
	// the sandbox's processes, and back to the one where the agent itself is. Where the kernel moves processes only, EnterFD is
	// the directory of that cgroup, and LeaveFD /dev/null.
	EnterFD = 5
	LeaveFD = 6
	// MemoryFD is the file of the memory cgroup, open for reading, that counts what the kernel killed for want of memory, on a
	// line "oom_kill <n>".
	MemoryFD = 7
	// BinaryFD is the agent's own sealed image in memory, to be executed again. It and everything above it end there.
	BinaryFD = 8
)

// CoreLimit is the limit of core dumps, in bytes, that a sandbox is made with and keeps. 0 would not do where the host's
// kernel.core_pattern is a pipe: the kernel would start that program, as root of the host, for each crash in a sandbox, and 1
// is what keeps it from that (core(5); do_coredump in the kernel's fs/coredump.c).
const CoreLimit = 1

// ImageFault begins the message of an agent that the image kept from making the sandbox; what follows is for the caller.
const ImageFault = "image: "

// Ready is the agent's message when it answers calls.
const Ready = "ready"

// MaxMessage is the longest message either way, in bytes.
const MaxMessage = 4096

// Setup is what the first stage needs to know besides the root file system.
type Setup struct {
	Hostname string
	// NameServer is for /etc/resolv.conf; the zero Addr leaves the image's as it is.
	NameServer netip.Addr
	// Capabilities are what the agent keeps, bit n the capability of number n: all that the sandbox can have.
	Capabilities uint64
	// ReadOnlyRoot makes the root file system read-only, with a /tmp in memory.
	ReadOnlyRoot bool
	// OpenFiles is the hard limit of what a process may have open.
	OpenFiles uint64
	// Pids limits the sandbox's processes where the agent is to do that; 0 where the host's cgroup does.
	Pids int64
}

// Encode writes a line `key value` for each field that is set. No value has a line end in it.
func (s Setup) Encode() []byte {
	b := fmt.Appendf(nil, "hostname %s\n", s.Hostname)
	if s.NameServer.IsValid() {
		b = fmt.Appendf(b, "nameserver %s\n", s.NameServer)
	}
	b = fmt.Appendf(b, "capabilities %x\n", s.Capabilities)
	b = fmt.Appendf(b, "files %d\n", s.OpenFiles)
	if s.ReadOnlyRoot {
		b = append(b, "readonly\n"...)
	}
	if s.Pids != 0 {
		b = fmt.Appendf(b, "pids %d\n", s.Pids)
	}
	return b
}

// DecodeSetup reads what Encode wrote. A key that it does not know is an error: what it stands for would be left undone.
func DecodeSetup(msg []byte) (s Setup, err error) {
	for line := range strings.Lines(string(msg)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "hostname":
			s.Hostname = value
		case "nameserver":
			s.NameServer, err = netip.ParseAddr(value)
		case "capabilities":
			s.Capabilities, err = strconv.ParseUint(value, 16, 64)
		case "files":
			s.OpenFiles, err = strconv.ParseUint(value, 10, 64)
		case "readonly":
			s.ReadOnlyRoot = true
		case "pids":
			s.Pids, err = strconv.ParseInt(value, 10, 64)
		default:
			err = errors.New("unknown")
		}
		if err != nil {
			return Setup{}, fmt.Errorf("setup: %s: %w", key, err)
		}
	}
	return s, nil
}
