package runtimetest

import "slices"

// Difference is something that a runtime's sandboxes do in another way than those whose kernel is the host's. A runtime declares
// it where it runs the suite, which then checks the other way; docs/operations.md tells users.
type Difference string

const (
	// OOMEndsSandbox: want of memory ends the sandbox, and not one of its processes, whatever its oom_score_adj. It says that it was
	// for want of memory. So does what is the kernel's for the sandbox's sake: files in flight, pipes, sockets, inodes.
	OOMEndsSandbox Difference = "want of memory ends the sandbox"
	// OwnUserIDs: the kernel inside has all user ids, and its root may read what an image has of a user that is nobody on the
	// host. Who a program is on the host is not to be seen inside. A device in an image is that kernel's own.
	OwnUserIDs Difference = "all user ids are there, none of them the host's"
	// AgentThreadsDie: who is root and sends SIGKILL to every number there may be ends the agent by one of its threads, and with it
	// the own sandbox. To send it to PID 1, or to -1, does not.
	AgentThreadsDie Difference = "SIGKILL to every number ends the sandbox"
	// AgentNumbers: how many descriptors the agent has can be seen; not of what, nor can one be had.
	AgentNumbers Difference = "the agent's descriptors can be counted"
	// OwnFilesInProc: who is closed to all others may still open its own files in /proc. The agent does not give them away either.
	OwnFilesInProc Difference = "a process that can't be traced can open its own files in /proc"
	// RoomyDev: the file system of /dev takes as much as any in memory.
	RoomyDev Difference = "/dev takes half of the memory"
	// InodesAreMemory: files and directories of the writable layer are bounded by memory, not by a number; their contents by the disk's
	// size.
	InodesAreMemory Difference = "files without content take memory, not disk"
	// NumbersChange: a file of the image has another device and number once it was changed.
	NumbersChange Difference = "a changed file gets another number"
	// ChrootHolds: a process with SYS_CHROOT can't leave the root that it was given.
	ChrootHolds Difference = "a changed root is not left"
	// NoPriorities: priorities of processes mean nothing, so everybody may have any.
	NoPriorities Difference = "any priority can be had, and is none"
	// NoHoles: a sparse file is told as one without holes.
	NoHoles Difference = "holes can't be seen"
	// NoLeases: nobody can hold a file by a lease.
	NoLeases Difference = "files have no leases"
	// FreeInotify: watches are bound by memory alone, and none of their events is lost.
	FreeInotify Difference = "watches have no bounds but memory"
	// ShortStatus: /proc/<pid>/status has no SigIgn and no VmHWM.
	ShortStatus Difference = "/proc/<pid>/status is short"
	// CPUTimeWaits: a process's processor time goes on while it waits for its share.
	CPUTimeWaits Difference = "processor time includes waiting for one's share"
)

// differs says whether the runtime declares a difference.
func (s *suite) differs(d Difference) bool { return slices.Contains(s.differences, d) }
