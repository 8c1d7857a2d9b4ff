package filter

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// operator is how a field is compared, as it is written.
type operator string

const (
	equals        operator = "="
	notEquals     operator = "!="
	less          operator = "<"
	lessEquals    operator = "<="
	greater       operator = ">"
	greaterEquals operator = ">="
	has           operator = ":"
)

// holds says whether an operator is true of a comparison's result.
func (op operator) holds(compared int) bool {
	switch op {
	case equals:
		return compared == 0
	case notEquals:
		return compared != 0
	case less:
		return compared < 0
	case lessEquals:
		return compared <= 0
	case greater:
		return compared > 0
	case greaterEquals:
		return compared >= 0
	}
	return false
}

// field is what can be asked of one field of an item; exactly one of its functions is set.
type field[T any] struct {
	text   func(T) string
	number func(T) int64
	moment func(T) time.Time
	labels func(T) map[string]string
}

// keyed says whether an operator needs a key after the field's name.
func (f field[T]) keyed(op operator) bool { return f.labels != nil && op != has }

// compile returns what compares the field with a value. Its errors say what is wrong with value or operator.
func (f field[T]) compile(op operator, key, value string) (func(T) bool, error) {
	switch {
	case f.labels != nil && op == has:
		return func(x T) bool { _, ok := f.labels(x)[value]; return ok }, nil
	case f.labels != nil:
		if op != equals && op != notEquals {
			return nil, errors.New("a label is compared by = and != only")
		}
		// A label that is not there equals nothing, not even the empty text.
		return func(x T) bool { got, ok := f.labels(x)[key]; return (ok && got == value) == (op == equals) }, nil
	case f.text != nil && op == has:
		return func(x T) bool { return strings.Contains(f.text(x), value) }, nil
	case f.text != nil:
		return func(x T) bool { return op.holds(strings.Compare(f.text(x), value)) }, nil
	case f.number != nil:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || op == has {
			return nil, errors.New("this field is compared with a whole number, by = != < <= > >=")
		}
		return func(x T) bool { return op.holds(cmp.Compare(f.number(x), n)) }, nil
	case op == has:
		if value != "*" {
			return nil, errors.New(`of a time, ":" asks for * only: that it is set`)
		}
		return func(x T) bool { return !f.moment(x).IsZero() }, nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return nil, errors.New(`a time is written in quotes, as in RFC 3339: "2026-11-24T22:00:00Z"`)
	}
	// A time that is not set is neither before nor after another.
	return func(x T) bool {
		got := f.moment(x)
		return !got.IsZero() && op.holds(got.Compare(at)) || got.IsZero() && op == notEquals
	}, nil
}

// names lists the fields for people.
func names[T any](fields map[string]field[T]) string {
	list := slices.Sorted(maps.Keys(fields))
	for i, name := range list {
		if fields[name].labels != nil {
			list[i] += ".KEY"
		}
	}
	return strings.Join(list, ", ")
}
