package boot

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// sparedInit are checks for a kernel that does not keep from PID 1 what would end or stop it, as Linux does. Such a signal is
// answered as sent, and is not: what Linux does. The agent's own, by which Go stops a thread of its own for a moment, go through.
func sparedInit() map[uint32][]bpf.Instruction {
	return map[uint32][]bpf.Instruction{
		unix.SYS_KILL:              toInit(1),
		unix.SYS_RT_SIGQUEUEINFO:   toInit(1),
		unix.SYS_TGKILL:            toInit(2),
		unix.SYS_RT_TGSIGQUEUEINFO: toInit(2),
		// Whose thread it is can't be seen. What nobody can handle is left out for all: kill and tgkill are there for that.
		unix.SYS_TKILL: append([]bpf.Instruction{loadArg(1)},
			without(unix.SIGKILL, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)...),
		// Nobody gets hold of it in the other way either.
		unix.SYS_PIDFD_OPEN: {bpf.JumpIf{Cond: bpf.JumpEqual, Val: 1, SkipFalse: 1}, notAllowed, allow},
	}
}

// toInit looks at a call whose first argument is a process, and whose argument number arg a signal.
func toInit(arg uint32) []bpf.Instruction {
	return append([]bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 1, SkipTrue: 1}, allow,
		loadArg(arg),
	}, oneOf(pretend, 0, uint32(unix.SIGURG), 33)...)
}

// without allows all signals but these.
func without(signals ...unix.Signal) []bpf.Instruction {
	var ins []bpf.Instruction
	for i, s := range signals {
		ins = append(ins, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(s), SkipTrue: uint8(len(signals) - i)})
	}
	return append(ins, allow, pretend)
}

func loadArg(n uint32) bpf.Instruction {
	return bpf.LoadAbsolute{Off: offsetFirstArg + 8*n, Size: 4}
}
