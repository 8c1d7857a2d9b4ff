package boot

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// answers runs the filter as the kernel would, on this machine's architecture, and returns what it answers.
func answers(t *testing.T, number, firstArg uint32) uint32 {
	t.Helper()
	vm, err := bpf.NewVM(filter(nil))
	if err != nil {
		t.Fatal(err)
	}
	var data [64]byte // struct seccomp_data; the VM reads it as a packet, in network order
	binary.BigEndian.PutUint32(data[offsetNumber:], number)
	binary.BigEndian.PutUint32(data[offsetArch:], auditArch)
	binary.BigEndian.PutUint32(data[offsetFirstArg:], firstArg)
	got, err := vm.Run(data[:])
	if err != nil {
		t.Fatal(err)
	}
	return uint32(got)
}

// TestFilterDoesWhatTheListsSay: every call there is finds its own place in the search.
func TestFilterDoesWhatTheListsSay(t *testing.T) {
	lists := ourCalls(t, runtime.GOARCH)
	for name, number := range kernelCalls(t, runtime.GOARCH) {
		want := noSuchCall.Val
		switch does, ok := lists[name]; {
		case does == checked:
			continue // below
		case does == allowed:
			want = allow.Val
		case ok:
			want = notAllowed.Val
		}
		if got := answers(t, number, 0); got != want {
			t.Errorf("%s: %#x, want %#x", name, got, want)
		}
	}
	for _, number := range []uint32{600, 1 << 20, 1<<30 | unix.SYS_GETPID, ^uint32(0)} {
		if got := answers(t, number, 0); got != noSuchCall.Val {
			t.Errorf("call %#x: %#x", number, got)
		}
	}
}

// argumentDifferences compares calls that both filters judge by their first argument, for every value that could matter.
func argumentDifferences(t *testing.T) map[string]difference {
	t.Helper()
	var families, flags []uint32
	for f := range uint32(64) {
		families = append(families, f)
	}
	for bit := 7; bit < 32; bit++ { // below is the signal
		flags = append(flags, 1<<bit)
	}
	found := map[string]difference{}
	for _, c := range []struct {
		name   string
		number uint32
		values []uint32
	}{
		{"socket", unix.SYS_SOCKET, families},
		{"clone", unix.SYS_CLONE, append(flags, 0)},
		{"personality", unix.SYS_PERSONALITY, append(flags, 0, 8, 0x20008, 0xffffffff)},
	} {
		var onlyTheirs, onlyOurs []string
		for _, v := range c.values {
			theirs, ours := theyAllow(t, c.name, uint64(v)), answers(t, c.number, v) == allow.Val
			switch {
			case theirs && !ours:
				onlyTheirs = append(onlyTheirs, fmt.Sprintf("%#x", v))
			case ours && !theirs:
				onlyOurs = append(onlyOurs, fmt.Sprintf("%#x", v))
			}
		}
		if len(onlyTheirs)+len(onlyOurs) > 0 {
			found[c.name] = difference{also(onlyTheirs), also(onlyOurs)}
		}
	}
	return found
}

func also(values []string) string {
	switch {
	case len(values) == 0:
		return checked
	case len(values) > 8:
		return fmt.Sprintf("%s, and %d values more", checked, len(values))
	}
	return checked + ", and " + strings.Join(values, ", ")
}

func theyAllow(t *testing.T, name string, first uint64) bool {
	t.Helper()
	for _, rule := range theirRules() {
		if len(rule.Names) != 1 || rule.Names[0] != name || rule.Action != specs.ActAllow {
			continue
		}
		matches := true
		for _, a := range rule.Args {
			if a.Index != 0 {
				t.Fatalf("their rule for %s looks at argument %d", name, a.Index)
			}
			switch a.Op {
			case specs.OpEqualTo:
				matches = matches && first == a.Value
			case specs.OpLessThan:
				matches = matches && first < a.Value
			case specs.OpMaskedEqual:
				matches = matches && first&a.Value == a.ValueTwo
			default:
				t.Fatalf("their rule for %s compares by %s", name, a.Op)
			}
		}
		if matches {
			return true
		}
	}
	return false
}
