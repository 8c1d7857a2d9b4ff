package secret

import (
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/casemate/casemate/pkg/errdefs"
)

var (
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	teamForm     = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
	userForm     = regexp.MustCompile(`^[a-z0-9._@+-]{1,128}$`)
	keyForm      = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
	labelKeyForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$`)
)

// CheckName refuses a secret's id that is not 1 to 255 of A-Z, a-z, 0-9, `_` and `-`. The field is the request's, for
// the error.
func CheckName(field, name string) error {
	if !nameForm.MatchString(name) {
		return errdefs.InvalidField(field, "a secret's id is 1 to 255 characters of A-Z, a-z, 0-9, '_' and '-'")
	}
	return nil
}

// CheckTeam refuses a team's id that is not 1 to 63 of a-z, 0-9 and `-`, starting with a letter and not ending in `-`.
func CheckTeam(field, id string) error {
	if !teamForm.MatchString(id) {
		return errdefs.InvalidField(field,
			"a team's id is 1 to 63 characters of a-z, 0-9 and '-', starts with a letter and does not end in '-'")
	}
	return nil
}

// CheckUser refuses a user's id that is not 1 to 128 of a-z, 0-9 and `._@+-`.
func CheckUser(field, id string) error {
	if !userForm.MatchString(id) {
		return errdefs.InvalidField(field, "a user's id is 1 to 128 characters of a-z, 0-9 and '._@+-'")
	}
	return nil
}

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

// CheckKey refuses what can't be the id of an API key: it is 1 to 32 of A-Z, a-z and 0-9.
func CheckKey(field, id string) error {
	if !keyForm.MatchString(id) {
		return errdefs.InvalidField(field, "an API key's id is 1 to 32 characters of A-Z, a-z and 0-9")
	}
	return nil
}
