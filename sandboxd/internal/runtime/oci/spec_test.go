package oci

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/config.json anew")

// TestSpec shows every change of what containers are to be: look at the difference before -update.
func TestSpec(t *testing.T) {
	got, err := json.MarshalIndent(newSpec(container{
		hostname: "sb-1", cgroup: "/casemate/sb-1", holder: 4711,
		ids: syscall.SysProcIDMap{HostID: 0x70000000, Size: 1 << 16},
	}), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/config.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("-golden +now, `go test -update` takes it over:\n%s", cmp.Diff(string(want), string(got)))
	}
}
