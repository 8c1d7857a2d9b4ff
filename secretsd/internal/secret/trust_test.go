package secret_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

func TestPatternsThatSayNothing(t *testing.T) {
	for _, p := range []string{"", "*", "**", "***", "*:*", "**/**", "*/*:*"} {
		if secret.CheckPattern("subject", p) == nil {
			t.Errorf("%q is taken", p)
		}
	}
	for _, p := range []string{"a", "*a", "repo:*/*"} {
		if err := secret.CheckPattern("subject", p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestClaimPaths(t *testing.T) {
	for path, want := range map[string][]string{
		"ref": {"ref"}, "kubernetes.io/pod/name": {"kubernetes.io", "pod", "name"}, "a~1b/c~0d": {"a/b", "c~d"}, "~01": {"~1"},
	} {
		if got := secret.ClaimPath(path); !slices.Equal(got, want) {
			t.Errorf("%q leads by %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"", "/", "a/", "/a", "a//b"} {
		if secret.CheckClaimPath("claims", path) == nil {
			t.Errorf("%q is taken", path)
		}
	}
}

// FuzzPattern compares patterns with what they must mean: without stars, equality; and text that a pattern has no stars for
// is in it.
func FuzzPattern(f *testing.F) {
	f.Add("repo:a/*:ref:**", "repo:a/b:ref:refs/heads/x")
	f.Add("a.c", "abc")
	f.Add("**", "\n\xff")
	f.Add(`\E(a)[b]{c}|$^?+`, `\E(a)[b]{c}|$^?+`)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		got := secret.Pattern(pattern).Matches(text)
		if !strings.Contains(pattern, "*") && got != (pattern == text) {
			t.Errorf("%q matches %q: %v", pattern, text, got)
		}
		if first, _, _ := strings.Cut(pattern, "*"); got && !strings.HasPrefix(text, first) {
			t.Errorf("%q matches %q", pattern, text)
		}
		if got && !strings.Contains(pattern, "**") && regexp.MustCompile(`[/:]`).FindAllString(text, -1) != nil &&
			strings.Count(text, "/") != strings.Count(pattern, "/") {
			t.Errorf("a star of %q stands for a slash in %q", pattern, text)
		}
	})
}
