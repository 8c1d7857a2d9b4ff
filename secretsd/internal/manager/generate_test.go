package manager_test

import (
	"math"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// TestGeneratedValues counts the characters of generated values: chi-squared finds a bias such as that of random bytes
// taken modulo the set's size, and by chance fails once in more than a billion runs.
func TestGeneratedValues(t *testing.T) {
	f := newFixture(t)
	f.secret("A")
	const length, rounds = 4096, 16
	for _, set := range []struct {
		name    string
		charset manager.Charset
		size    int
	}{
		{"digits", manager.Digits, 10}, {"hex", manager.Hex, 16}, {"alphanumeric", manager.Alphanumeric, 62},
		{"url-safe", manager.URLSafe, 64}, {"printable", manager.Printable, 94},
	} {
		counts, seen := map[rune]int{}, map[string]bool{}
		for range rounds {
			v, _, err := f.AddSecretVersion(t.Context(), f.ada, manager.NewVersion{
				Team: "ml", Name: "A", Generate: &manager.Generate{Length: length, Charset: set.charset},
			})
			must(t, err)
			a, err := f.AccessSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A"})
			must(t, err)
			value := string(a.Value.Reveal())
			if len(value) != length || v.Size != length || seen[value] {
				t.Errorf("%s: %d characters, size %d, seen before: %v", set.name, len(value), v.Size, seen[value])
			}
			seen[value] = true
			for _, r := range value {
				counts[r]++
			}
		}
		if len(counts) != set.size || len(set.charset) != set.size {
			t.Errorf("%s: %d characters, want %d", set.name, len(counts), set.size)
		}
		expected := float64(length*rounds) / float64(set.size)
		chi := 0.0
		for r, n := range counts {
			if !strings.ContainsRune(string(set.charset), r) || r <= ' ' || r > '~' {
				t.Errorf("%s: character %q", set.name, r)
			}
			chi += (float64(n) - expected) * (float64(n) - expected) / expected
		}
		// More than ten standard deviations. Bytes taken modulo come to about 490 of 62 characters, where this is 239.
		if limit := float64(set.size) + 10*(2*math.Sqrt(float64(set.size))) + 20; chi > limit {
			t.Errorf("%s: chi-squared %.0f, more than %.0f: some characters are likelier", set.name, chi, limit)
		}
	}
	_, err := f.AccessSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A", Field: "x"})
	wantReason(t, err, errdefs.FailedPrecondition, "NOT_STRUCTURED")
}
