package cmd

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// plain makes text harmless to a terminal: what others chose, such as the names in a log that is to be verified, can neither
// move the cursor, nor hide what stands there, nor turn its order around. Characters that could are written as JSON escapes,
// so that JSON stays what it is; those in keep are left as they are.
func plain(text string, keep ...rune) string {
	harmful := func(r rune) bool {
		return (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) && !slices.Contains(keep, r)
	}
	if !strings.ContainsFunc(text, harmful) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if harmful(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cells makes texts harmless within a row: a break or a tab of theirs would begin another.
func cells(row []string) []string {
	harmless := make([]string, len(row))
	for i, text := range row {
		harmless[i] = plain(text)
	}
	return harmless
}
