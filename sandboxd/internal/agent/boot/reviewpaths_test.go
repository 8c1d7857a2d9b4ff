package boot

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func theirSpec(t *testing.T) *oci.Spec {
	t.Helper()
	spec, err := oci.GenerateSpec(namespaces.WithNamespace(t.Context(), "review"), nil, &containers.Container{ID: "review"})
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

var ofOneCPU = regexp.MustCompile(`^` + cpuDir + `/cpu\d+/` + throttleName + `$`)

// TestPathsOfContainerEngines: what they mask or make read-only by default, a sandbox has so too, and nothing less.
func TestPathsOfContainerEngines(t *testing.T) {
	spec := theirSpec(t)
	masked := slices.DeleteFunc(spec.Linux.MaskedPaths, ofOneCPU.MatchString) // those are ThrottlePaths
	for what, lists := range map[string][2][]string{"masked": {masked, MaskedPaths}, "read-only": {spec.Linux.ReadonlyPaths, ReadOnlyPaths}} {
		theirs, ours := slices.Sorted(slices.Values(lists[0])), slices.Sorted(slices.Values(lists[1]))
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s (-theirs +ours):\n%s", what, diff)
		}
	}
}

// capabilityReasons say why a sandbox's root does not have what a container's has.
var capabilityReasons = map[string]string{
	"AUDIT_WRITE": "the kernel answers no user namespace's audit messages; login and su cope",
	"MKNOD":       "no device can be made in a user namespace anyway",
	"NET_RAW":     "forged packets on whatever network the sandbox is given; ping works without",
}

// TestCapabilitiesOfContainerEngines: a sandbox's root has those of a container, less some that have their reasons.
func TestCapabilitiesOfContainerEngines(t *testing.T) {
	var theirs, ours []string
	for _, name := range theirSpec(t).Process.Capabilities.Bounding {
		theirs = append(theirs, strings.TrimPrefix(name, "CAP_"))
	}
	ours = append(sandbox.DefaultCapabilities.Names(), slices.Collect(maps.Keys(capabilityReasons))...)
	slices.Sort(theirs)
	slices.Sort(ours)
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("capabilities (-theirs +ours and those with a reason):\n%s", diff)
	}
}

// capabilityTable is for docs/seccomp.md.
func capabilityTable() string {
	var b strings.Builder
	b.WriteString("\n## Capabilities\n\n")
	fmt.Fprintf(&b, "Root in a sandbox has %s, inside its user namespace. Of a container's defaults these are left out:\n\n", sandbox.DefaultCapabilities)
	b.WriteString("| capability | why |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(capabilityReasons)) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, capabilityReasons[name])
	}
	fmt.Fprintf(&b, "\nAn operator may let requests add these, by `security.allow_capabilities`: %s. All others are never given.\n", sandbox.GrantableCapabilities)
	return b.String()
}
