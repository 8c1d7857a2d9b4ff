package resource

import (
	"strconv"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

// The longest ids, in characters.
const (
	MaxTeam    = 63
	MaxUser    = 128
	MaxAPIKey  = 64
	MaxSecret  = 255
	MaxAlias   = 63
	MaxSandbox = 63
	MaxGrant   = 255
	MaxTrust   = 63
)

// CheckTeam returns an error about field unless id is 1 to 63 of a-z, 0-9 and "-", starting with a letter and not ending
// in "-".
func CheckTeam(field, id string) error { return checkLabel(field, "a team's id", id, MaxTeam) }

// CheckOIDCTrust returns an error about field unless id has the form of a team's.
func CheckOIDCTrust(field, id string) error { return checkLabel(field, "a trust's id", id, MaxTrust) }

func checkLabel(field, what, id string, most int) error {
	if err := check(field, what, id, most, "a-z, 0-9 and -", func(c byte) bool { return lower(c) || digit(c) || c == '-' }); err != nil {
		return err
	}
	if !lower(id[0]) || id[len(id)-1] == '-' {
		return errdefs.InvalidField(field, "%s starts with a letter and does not end in -", what)
	}
	return nil
}

// CheckUser returns an error about field unless id is 1 to 128 of a-z, 0-9 and "._@+-".
func CheckUser(field, id string) error {
	return check(field, "a user's id", id, MaxUser, "a-z, 0-9 and . _ @ + -", userByte)
}

func userByte(c byte) bool {
	return lower(c) || digit(c) || c == '.' || c == '_' || c == '@' || c == '+' || c == '-'
}

// CheckAPIKey returns an error about field unless id is 1 to 64 of A-Z, a-z and 0-9: the public part of a key.
func CheckAPIKey(field, id string) error {
	return check(field, "an API key's id", id, MaxAPIKey, "A-Z, a-z and 0-9", func(c byte) bool { return lower(c) || upper(c) || digit(c) })
}

// CheckSecret returns an error about field unless id is 1 to 255 of A-Z, a-z, 0-9, "_" and "-".
func CheckSecret(field, id string) error {
	return check(field, "a secret's id", id, MaxSecret, "A-Z, a-z, 0-9, _ and -", func(c byte) bool {
		return lower(c) || upper(c) || digit(c) || c == '_' || c == '-'
	})
}

// CheckGrant returns an error about field unless id is 1 to 255 of a-z, 0-9 and "._@+-".
func CheckGrant(field, id string) error {
	return check(field, "a grant's id", id, MaxGrant, "a-z, 0-9 and . _ @ + -", userByte)
}

// CheckVersion returns an error about field unless v is Latest, a positive number in its shortest form, or an alias.
func CheckVersion(field, v string) error {
	if v == Latest || isNumber(v) || CheckAlias(field, v) == nil {
		return nil
	}
	return errdefs.InvalidField(field,
		"a version is a number from 1, latest, or an alias: 1 to %d of A-Z, a-z, 0-9, _ and -, starting with a letter", MaxAlias)
}

func isNumber(v string) bool {
	n, err := strconv.ParseInt(v, 10, 64)
	return err == nil && n >= 1 && strconv.FormatInt(n, 10) == v
}

// CheckAlias returns an error about field unless id, a name for a version, is 1 to 63 of A-Z, a-z, 0-9, "_" and "-",
// starting with a letter, and not Latest in any mix of capitals, which would be mistaken for it.
func CheckAlias(field, id string) error {
	err := check(field, "an alias", id, MaxAlias, "A-Z, a-z, 0-9, _ and -", func(c byte) bool {
		return lower(c) || upper(c) || digit(c) || c == '_' || c == '-'
	})
	switch {
	case err != nil:
		return err
	case !lower(id[0]) && !upper(id[0]):
		return errdefs.InvalidField(field, "an alias starts with a letter")
	case strings.EqualFold(id, Latest):
		return errdefs.InvalidField(field, "an alias can't be named like latest")
	}
	return nil
}

// CheckSandbox returns an error about field unless id is 1 to 63 of a-z, 0-9 and "-".
func CheckSandbox(field, id string) error {
	return check(field, "a sandbox's id", id, MaxSandbox, "a-z, 0-9 and -", func(c byte) bool { return lower(c) || digit(c) || c == '-' })
}

// check never repeats id in its error: what was sent in place of a name may be a value.
func check(field, what, id string, most int, set string, allowed func(byte) bool) error {
	if id == "" || len(id) > most {
		return errdefs.InvalidField(field, "%s has 1 to %d characters, not %d", what, most, len(id))
	}
	for i := range len(id) {
		if !allowed(id[i]) {
			return errdefs.InvalidField(field, "%s has only %s; character %d is none of them", what, set, i+1)
		}
	}
	return nil
}

func lower(c byte) bool { return 'a' <= c && c <= 'z' }
func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }
