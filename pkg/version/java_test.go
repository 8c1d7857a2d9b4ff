package version_test

import (
	"encoding/xml"
	"os"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/version"
)

// pom is what of a Maven project carries the version.
type pom struct {
	Version      string `xml:"version"`
	Dependencies []struct {
		GroupID string `xml:"groupId"`
		Version string `xml:"version"`
	} `xml:"dependencies>dependency"`
}

func TestJavaPackagesHaveTheVersion(t *testing.T) {
	for _, path := range []string{
		"../../clients/java/pom.xml", "../../clients/java/interop/pom.xml", "../../examples/java/pom.xml",
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var p pom
		if err := xml.Unmarshal(text, &p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if p.Version != version.Version {
			t.Errorf("%s has version %q, want %q", path, p.Version, version.Version)
		}
		for _, d := range p.Dependencies {
			if d.GroupID == "dev.casemate" && d.Version != version.Version && d.Version != "${project.version}" {
				t.Errorf("%s uses the client %q, want %q", path, d.Version, version.Version)
			}
		}
	}
}

func TestJavaReadmeHasTheVersion(t *testing.T) {
	text, err := os.ReadFile("../../clients/java/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "<version>" + version.Version + "</version>"; !strings.Contains(string(text), want) {
		t.Errorf("its dependency is not %s", want)
	}
}
