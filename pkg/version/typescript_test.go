package version_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/casemate/casemate/pkg/version"
)

func TestTypeScriptPackageHasTheVersion(t *testing.T) {
	for _, path := range []string{"../../clients/typescript/package.json", "../../clients/typescript/package-lock.json"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Version  string
			Packages map[string]struct{ Version string }
		}
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if file.Version != version.Version {
			t.Errorf("%s has version %q, want %q", path, file.Version, version.Version)
		}
		if root, ok := file.Packages[""]; ok && root.Version != version.Version {
			t.Errorf("%s has version %q for the package itself, want %q", path, root.Version, version.Version)
		}
	}
}
