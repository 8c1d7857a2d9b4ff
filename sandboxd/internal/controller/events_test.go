package controller

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/casemate/casemate/pkg/errdefs"
)

// TestWhyUndoneIsShortText: an image's type or platform may be megabytes, and stands in the error.
func TestWhyUndoneIsShortText(t *testing.T) {
	for words, want := range map[string]string{
		"the image has a layer of type \"x\"": "the image has a layer of type \"x\"",
		"no \xfftext":                         "no text",
		strings.Repeat("é", 4<<20):            strings.Repeat("é", 510) + "…",
		strings.Repeat("\xff", 4<<20):         "…",
	} {
		failed := fmt.Errorf("fetching image: %w", errdefs.New(errdefs.FailedPrecondition, "IMAGE_INVALID", "%s", words))
		if got := whyUndone(failed); got != want || len(got) > maxWhy || !utf8.ValidString(got) {
			t.Errorf("%.20q: %.1100q", words, got)
		}
	}
}
