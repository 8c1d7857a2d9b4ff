package secret

import (
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/casemate/casemate/pkg/errdefs"
)

var labelKeyForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$`)

// CheckDescription refuses what is longer than MaxDescription characters or holds control characters other than line
// breaks and tabs.
func CheckDescription(field, text string) error {
	if utf8.RuneCountInString(text) > MaxDescription {
		return errdefs.InvalidField(field, "a description is at most %d characters", MaxDescription)
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return errdefs.InvalidField(field, "a description holds no control characters")
		}
	}
	return nil
}

// CheckLabels refuses more than MaxLabels labels; keys that are not 1 to 63 of A-Z, a-z, 0-9, `.`, `_`, `/` and `-`,
// starting with a letter or digit; and values longer than MaxLabel characters or with control characters.
func CheckLabels(field string, labels map[string]string) error {
	if len(labels) > MaxLabels {
		return errdefs.InvalidField(field, "a secret has at most %d labels", MaxLabels)
	}
	for k, v := range labels {
		if !labelKeyForm.MatchString(k) {
			return errdefs.InvalidField(field,
				"a label's key is 1 to 63 characters of A-Z, a-z, 0-9, '.', '_', '/' and '-', and starts with a letter or digit")
		}
		if utf8.RuneCountInString(v) > MaxLabel {
			return errdefs.InvalidField(field, "the value of label %q is longer than %d characters", k, MaxLabel)
		}
		for _, r := range v {
			if unicode.IsControl(r) {
				return errdefs.InvalidField(field, "the value of label %q holds a control character", k)
			}
		}
	}
	return nil
}
