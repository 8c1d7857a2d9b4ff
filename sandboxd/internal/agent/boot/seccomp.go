package boot

import (
	"math"
	"slices"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What the filter answers.
var (
	allow      = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}
	notAllowed = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}
	noSuchCall = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)}
	noFamily   = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)}
	pretend    = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO} // no error, and nothing done
	kill       = bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS}
)

// newNamespaces are the flags of clone and unshare that make namespaces: in a new user namespace a process would have every
// capability, and with it the kernel's least tested code.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWTIME

// checkedCalls are allowed with some arguments. Their instructions start with the first argument's low half loaded, which
// is all that the kernel reads of these.
var checkedCalls = map[uint32][]bpf.Instruction{
	unix.SYS_CLONE:   noFlags(newNamespaces),
	unix.SYS_UNSHARE: noFlags(newNamespaces),
	// Other families are rarely used, and often where the kernel was broken.
	unix.SYS_SOCKET: oneOf(noFamily, unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK),
	// Linux, with and without UNAME26 and SHORT_INODE; no randomisation, for debuggers; and the question what it is.
	unix.SYS_PERSONALITY: oneOf(notAllowed, 0, 0x8, 0x20000, 0x20008, 0x40000, math.MaxUint32),
	// The limit of core dumps stays: see handover.CoreLimit. Programs that guard their own secrets set it to 0, and some end if they
	// can't; they have what they want.
	unix.SYS_SETRLIMIT: {bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.RLIMIT_CORE, SkipFalse: 1}, pretend, allow},
	unix.SYS_PRLIMIT64: {
		bpf.LoadAbsolute{Off: offsetSecondArg, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.RLIMIT_CORE, SkipFalse: 4},
		bpf.LoadAbsolute{Off: offsetThirdArg, Size: 4}, // the new limit's address; none is a question
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 3},
		bpf.LoadAbsolute{Off: offsetThirdArg + 4, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 1},
		allow,
		pretend,
	},
}

// noFlags allows when none of the flags is in the argument.
func noFlags(flags uint32) []bpf.Instruction {
	return []bpf.Instruction{bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: flags, SkipFalse: 1}, notAllowed, allow}
}

// oneOf allows when the argument is one of values, and otherwise answers other.
func oneOf(other bpf.Instruction, values ...uint32) []bpf.Instruction {
	var ins []bpf.Instruction
	for i, v := range values {
		ins = append(ins, bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipTrue: uint8(len(values) - i)})
	}
	return append(ins, other, allow)
}

// Offsets into struct seccomp_data; both architectures are little-endian.
const (
	offsetNumber    = 0
	offsetArch      = 4
	offsetFirstArg  = 16
	offsetSecondArg = 24
	offsetThirdArg  = 32
)

// filter assembles the whole filter. A call of another architecture (i386 on amd64) ends the process: such a program could
// do nothing here, and its numbers mean other calls.
//
// The kernel tries a new filter with every call there is, to remember those that are always allowed; so the number is
// searched for, not compared with one after the other, and a sandbox starts the sooner.
//
// more are checks besides checkedCalls, of calls that those do not name.
func filter(more map[uint32][]bpf.Instruction) []bpf.Instruction {
	ins := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1},
		kill,
		bpf.LoadAbsolute{Off: offsetNumber, Size: 4},
	}
	return append(ins, search(spans(more))...)
}

// span is the calls from first to the next span's first, and what is to be done with them.
type span struct {
	first uint32
	do    []bpf.Instruction
}

// spans orders all numbers.
func spans(more map[uint32][]bpf.Instruction) []span {
	do := map[uint32][]bpf.Instruction{}
	for _, n := range slices.Concat(deniedCalls, archDenied) {
		do[n] = []bpf.Instruction{notAllowed}
	}
	for _, n := range slices.Concat(allowedCalls, archCalls) {
		do[n] = []bpf.Instruction{allow}
	}
	for _, checks := range []map[uint32][]bpf.Instruction{checkedCalls, more} {
		for n, check := range checks {
			do[n] = append([]bpf.Instruction{bpf.LoadAbsolute{Off: offsetFirstArg, Size: 4}}, check...)
		}
	}
	var s []span
	for n := range slices.Max(slices.Concat(deniedCalls, allowedCalls, archCalls)) + 2 {
		d, ok := do[n]
		if !ok {
			d = []bpf.Instruction{noSuchCall}
		}
		if len(s) == 0 || !slices.Equal(s[len(s)-1].do, d) {
			s = append(s, span{n, d})
		}
	}
	return s
}

// search returns the instructions that find the number's span by halving.
func search(s []span) []bpf.Instruction {
	if len(s) == 1 {
		return s[0].do
	}
	left, right := search(s[:len(s)/2]), search(s[len(s)/2:])
	first := s[len(s)/2].first
	var ins []bpf.Instruction
	if len(left) <= math.MaxUint8 {
		ins = append(ins, bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: first, SkipTrue: uint8(len(left))})
	} else {
		ins = append(ins, bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: first, SkipFalse: 1}, bpf.Jump{Skip: uint32(len(left))})
	}
	return append(append(ins, left...), right...)
}

// assemble returns the filter in the kernel's form.
func assemble(more map[uint32][]bpf.Instruction) ([]unix.SockFilter, error) {
	raw, err := bpf.Assemble(filter(more))
	if err != nil {
		return nil, err
	}
	prog := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		prog[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return prog, nil
}

// filterSyscalls puts prog on the calling thread, and so on everything that it will execute.
func filterSyscalls(prog []unix.SockFilter) error {
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&fprog))); errno != 0 {
		return errno
	}
	return nil
}
