// Package docs holds the tests that keep the pages for people true: what they name exists.
package docs

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// pages are the repository's Markdown files, but for generated and foreign ones.
func pages(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "*.md", ":!gen", ":!third_party")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Fields(string(out))
}

// forEachLine calls fn with each line of each page, and where it stands.
func forEachLine(t *testing.T, fn func(page string, line int, text string)) {
	t.Helper()
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(bytes.NewReader(text))
		for n := 1; scanner.Scan(); n++ {
			fn(page, n, scanner.Text())
		}
		if err := scanner.Err(); err != nil {
			t.Fatalf("%s: %v", page, err)
		}
	}
}

var (
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*)`")
	declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*)\(`)
	// goPackage is what a page means by a package of this repository.
	goPackage = regexp.MustCompile("`((?:secretsd|sandboxd|pkg|e2e|casemate|internal)/[a-z0-9_./]+)`")
	link      = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)\s]*)?\)`)
)

// TestNamedTestsExist holds the security model's promises to their tests: one that was renamed or removed is noticed.
func TestNamedTestsExist(t *testing.T) {
	exists := map[string]bool{}
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "*_test.go")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	for _, file := range strings.Fields(string(out)) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllSubmatch(text, -1) {
			exists[string(m[1])] = true
		}
	}
	if len(exists) < 100 {
		t.Fatalf("found %d tests only: the search is broken", len(exists))
	}
	forEachLine(t, func(page string, line int, text string) {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if !exists[m[1]] {
				t.Errorf("%s:%d names %s, which no _test.go declares", page, line, m[1])
			}
		}
	})
}

// TestNamedPackagesExist finds packages that were moved.
func TestNamedPackagesExist(t *testing.T) {
	forEachLine(t, func(page string, line int, text string) {
		for _, m := range goPackage.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, strings.TrimSuffix(m[1], "/..."))); err != nil {
				t.Errorf("%s:%d names %s: %v", page, line, m[1], err)
			}
		}
	})
}

// TestLinksLeadSomewhere follows the links between pages.
func TestLinksLeadSomewhere(t *testing.T) {
	forEachLine(t, func(page string, line int, text string) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s:%d links to %s: %v", page, line, m[1], err)
			}
		}
	})
}
