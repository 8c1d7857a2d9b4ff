package sandbox

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

func checkArgv(v *violations, field string, argv []string) {
	if len(argv) > MaxArgs {
		v.add(field, "has %d arguments, at most %d are allowed", len(argv), MaxArgs)
		return
	}
	for i, arg := range argv {
		at := field + "[" + strconv.Itoa(i) + "]"
		switch {
		case i == 0 && arg == "":
			v.add(at, "is empty: the first argument is the program")
		case strings.Contains(arg, "\x00"):
			v.add(at, "contains a NUL byte")
		case len(arg) > MaxArgBytes:
			v.add(at, "is longer than %d bytes", MaxArgBytes)
		}
	}
}

func checkEnv(v *violations, field string, env map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		value := env[name]
		switch {
		case !ValidEnvName(name):
			v.add(field, "a name %s", badEnvName) // not repeated: NAME=VALUE may stand in its place
		case strings.Contains(value, "\x00"):
			v.add(field+"."+name, "contains a NUL byte")
		case len(name)+1+len(value) > MaxArgBytes:
			v.add(field+"."+name, "is longer than %d bytes", MaxArgBytes)
		}
	}
}

func checkPath(v *violations, field, path string) {
	switch {
	case !strings.HasPrefix(path, "/"):
		v.add(field, "%q is not an absolute path", path)
	case strings.Contains(path, "\x00"):
		v.add(field, "contains a NUL byte")
	case len(path) > MaxPath:
		v.add(field, "is longer than %d bytes", MaxPath)
	}
}

// maxID is the largest id that a sandbox's user namespace has.
const maxID = 1<<16 - 1

func checkUser(v *violations, field, user string) {
	if len(user) > 255 || strings.ContainsFunc(user, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '/' }) ||
		strings.Count(user, ":") > 1 || strings.HasPrefix(user, ":") {
		v.add(field, "must be a user, or user:group, each a name or a number")
		return
	}
	for _, id := range strings.Split(user, ":") {
		if n, err := strconv.ParseUint(id, 10, 64); err == nil && n > maxID || errors.Is(err, strconv.ErrRange) {
			v.add(field, "%s is more than %d, the largest user and group id that a sandbox has", id, maxID)
		}
	}
}

// violations gathers what is wrong, so that the caller hears of everything at once.
type violations []errdefs.Violation

func (v *violations) add(field, format string, args ...any) {
	*v = append(*v, errdefs.InvalidField(field, format, args...).Violations...)
}

// bound fills in a number that is 0, and says where another one is out of bounds; a highest of 0 means that it can't be chosen.
func (v *violations) bound(field string, value *int64, def, low, high int64) {
	switch {
	case *value == 0:
		*value = def
	case high == 0:
		v.add(field, "can't be limited here: the operator has switched that limit off")
	case *value < low:
		v.add(field, "%d is less than %d, the least there can be", *value, low)
	case *value > high:
		v.add(field, "%d is more than %d, the most the operator allows", *value, high)
	}
}

// addError adds an error of InvalidField; nil adds nothing.
func (v *violations) addError(err error) {
	if e, ok := errdefs.As(err); ok {
		*v = append(*v, e.Violations...)
	}
}

// err is nil where nothing was added.
func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	e := errdefs.InvalidField(v[0].Subject, "%s", v[0].Description)
	if len(v) > 1 {
		parts := make([]string, len(v))
		for i, w := range v {
			parts[i] = w.Subject + ": " + w.Description
		}
		e.Message = strings.Join(parts, "; ")
	}
	e.Violations = v
	return e
}
