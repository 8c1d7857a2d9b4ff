package boot

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/contrib/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

var update = flag.Bool("update", false, "write docs/seccomp.md")

// What a filter does with a call.
const (
	allowed = "allowed"
	checked = "by its arguments"
	refused = "refused"
)

// theirRules is containerd's default profile for a container with a sandbox's capabilities.
func theirRules() []specs.LinuxSyscall {
	var caps []string
	for _, name := range sandbox.DefaultCapabilities.Names() {
		caps = append(caps, "CAP_"+name)
	}
	return seccomp.DefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: caps}}}).Syscalls
}

// theirCalls returns what they do with each call that their profile names; every other call it refuses.
func theirCalls() map[string]string {
	calls := map[string]string{}
	for _, rule := range theirRules() {
		for _, name := range rule.Names {
			switch {
			case rule.Action != specs.ActAllow:
				calls[name] = refused
			case len(rule.Args) > 0:
				calls[name] = checked
			default:
				calls[name] = allowed
			}
		}
	}
	// Of what they have by architecture, this is amd64's, where the test may not run.
	calls["arch_prctl"], calls["modify_ldt"] = allowed, allowed
	return calls
}

// ourCalls reads the lists of an architecture from this package's source, so that both are looked at wherever the test runs.
func ourCalls(t *testing.T, arch string) map[string]string {
	t.Helper()
	calls := map[string]string{}
	for _, file := range []string{"seccomp.go", "seccomp_calls.go", "seccomp_" + arch + ".go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			does, ok := map[string]string{
				"allowedCalls": allowed, "archCalls": allowed, "checkedCalls": checked, "deniedCalls": refused, "archDenied": refused,
			}[v.Names[0].Name]
			if !ok {
				return false
			}
			ast.Inspect(v, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "SYS_") {
					name := callName(s.Sel.Name)
					if was, twice := calls[name]; twice {
						t.Errorf("%s: %s is in two lists: %s and %s", arch, name, was, does)
					}
					calls[name] = does
				}
				return true
			})
			return false
		})
	}
	if len(calls) < 200 {
		t.Fatalf("found only %d calls of %s in the source", len(calls), arch)
	}
	return calls
}

var sysNumber = regexp.MustCompile(`(?m)^\s+(SYS_\w+)\s+= (\d+)$`)

// kernelCalls returns the numbers of all calls of an architecture that golang.org/x/sys knows.
func kernelCalls(t *testing.T, arch string) map[string]uint32 {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+arch+".go"))
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]uint32{}
	for _, m := range sysNumber.FindAllSubmatch(b, -1) {
		n, _ := strconv.ParseUint(string(m[2]), 10, 32)
		calls[callName(string(m[1]))] = uint32(n)
	}
	return calls
}

// callName turns a constant's name into the kernel's.
func callName(constant string) string {
	name := strings.ToLower(strings.TrimPrefix(constant, "SYS_"))
	if name == "fstatat" { // x/sys's word for it on arm64
		return "newfstatat"
	}
	return name
}

type difference struct{ theirs, ours string }

// TestReviewedAgainstContainerEngines compares the filter call by call with the container engines' default, on both architectures, and fails
// on a difference that nobody has given a reason for, and on a reason without a difference. docs/seccomp.md is the result.
func TestReviewedAgainstContainerEngines(t *testing.T) {
	theirs := theirCalls()
	found := map[string]difference{}
	architectures := map[string][]string{} // of a difference
	for _, arch := range []string{"amd64", "arm64"} {
		ours := ourCalls(t, arch)
		known := kernelCalls(t, arch)
		for name := range known {
			d := difference{or(theirs[name]), or(ours[name])}
			if d.theirs == d.ours {
				continue
			}
			if was, ok := found[name]; ok && was != d {
				t.Errorf("%s: one architecture differs from the other", name)
			}
			found[name] = d
			architectures[name] = append(architectures[name], arch)
		}
		for name := range ours {
			if _, ok := known[name]; !ok {
				t.Errorf("%s: %s is none of its calls", arch, name)
			}
		}
	}
	maps.Copy(found, argumentDifferences(t))
	for name, d := range found {
		if _, ok := reasons[name]; !ok {
			t.Errorf("%s is %s there and %s here, on %v: give a reason, or do as they do", name, d.theirs, d.ours, architectures[name])
		}
	}
	for name := range reasons {
		if _, ok := found[name]; !ok {
			t.Errorf("%s has a reason, and is no difference", name)
		}
	}
	checkPage(t, found, architectures)
}

func or(does string) string {
	if does == "" {
		return refused
	}
	return does
}

const page = "../../../../docs/seccomp.md"

func checkPage(t *testing.T, found map[string]difference, architectures map[string][]string) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(pageHead)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		only := ""
		if a := architectures[name]; len(a) == 1 {
			only = " (" + a[0] + ")"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | %s | %s |\n", name, only, found[name].theirs, found[name].ours, reasons[name])
	}
	b.WriteString(pageTail)
	b.WriteString(capabilityTable())
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(have, b.Bytes()) {
		t.Errorf("docs/seccomp.md is not what the code does: go test ./sandboxd/internal/agent/boot -update (%v)", err)
	}
}
