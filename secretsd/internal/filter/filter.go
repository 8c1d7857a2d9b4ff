// Package filter understands the filters of lists: a part of the language of AIP-160, over the metadata of secrets and
// versions. The grammar is that of go.einride.tech/aip; which fields there are, and what may be asked of each, is here.
// A filter never sees a value.
package filter

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"

	"github.com/casemate/casemate/pkg/errdefs"
)

// MaxLength is the longest filter, in bytes. It bounds how deep a filter nests, too.
const MaxLength = 1000

// parse compiles a filter over items of a kind. An empty filter is nil, which takes all. Errors are InvalidField errors
// about the request's field `filter`, with the character at which the mistake is.
func parse[T any](text string, fields map[string]field[T]) (func(T) bool, error) {
	if len(text) > MaxLength {
		return nil, errdefs.InvalidField("filter", "has %d bytes, more than %d", len(text), MaxLength)
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var p filtering.Parser
	p.Init(text)
	parsed, err := p.Parse()
	if err != nil {
		return nil, syntaxError(text, err)
	}
	c := compiler[T]{text: text, fields: fields, positions: parsed.GetSourceInfo().GetPositions()}
	return c.predicate(parsed.GetExpr())
}

// mistake is an error about the character at a place of the parser's: a byte, of the filter without the spaces around it.
func mistake(text string, offset int32, what string) error {
	lead := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	end := min(lead+int(offset), len(text))
	return errdefs.InvalidField("filter", "at character %d: %s", utf8.RuneCountInString(text[:end])+1, what)
}

// syntaxError takes the innermost mistake of the parser's, whose own text draws the whole filter for each rule that it was
// in.
func syntaxError(text string, err error) error {
	type positioned interface {
		Position() filtering.Position
		Message() string
	}
	at, message := int32(0), "is no filter"
	for ; err != nil; err = errors.Unwrap(err) {
		if p, ok := err.(positioned); ok {
			at, message = p.Position().Offset, p.Message()
		}
	}
	if plain, ok := plainMistakes[message]; ok {
		message = plain
	}
	return mistake(text, at, message)
}

// plainMistakes says what the parser says in its own words.
var plainMistakes = map[string]string{
	"parse token":                  "something is missing",
	"unexpected trailing token WS": "what follows is no condition",
}

// compiler turns a parsed filter into a predicate.
type compiler[T any] struct {
	text      string
	fields    map[string]field[T]
	positions map[int64]int32
}

func (c compiler[T]) errorf(e *expr.Expr, format string, args ...any) error {
	return mistake(c.text, c.positions[e.GetId()], fmt.Sprintf(format, args...))
}

func (c compiler[T]) predicate(e *expr.Expr) (func(T) bool, error) {
	call := e.GetCallExpr()
	switch call.GetFunction() {
	case filtering.FunctionAnd, filtering.FunctionOr:
		left, err := c.predicate(call.GetArgs()[0])
		if err != nil {
			return nil, err
		}
		right, err := c.predicate(call.GetArgs()[1])
		if err != nil {
			return nil, err
		}
		if call.GetFunction() == filtering.FunctionAnd {
			return func(x T) bool { return left(x) && right(x) }, nil
		}
		return func(x T) bool { return left(x) || right(x) }, nil
	case filtering.FunctionNot:
		inner, err := c.predicate(call.GetArgs()[0])
		if err != nil {
			return nil, err
		}
		return func(x T) bool { return !inner(x) }, nil
	case filtering.FunctionFuzzyAnd:
		return nil, c.errorf(e, "two conditions without AND or OR between them")
	case filtering.FunctionEquals, filtering.FunctionNotEquals, filtering.FunctionLessThan, filtering.FunctionLessEquals,
		filtering.FunctionGreaterThan, filtering.FunctionGreaterEquals, filtering.FunctionHas:
		return c.comparison(e, operator(call.GetFunction()), call.GetArgs()[0], call.GetArgs()[1])
	case "":
		return nil, c.errorf(e, "no condition: write FIELD = VALUE")
	}
	return nil, c.errorf(e, "there are no functions here")
}

// comparison compiles FIELD OPERATOR VALUE.
func (c compiler[T]) comparison(e *expr.Expr, op operator, left, right *expr.Expr) (func(T) bool, error) {
	name, key := left.GetIdentExpr().GetName(), ""
	if selected := left.GetSelectExpr(); selected != nil {
		name, key = selected.GetOperand().GetIdentExpr().GetName(), selected.GetField()
	}
	f, ok := c.fields[name]
	if !ok || (key != "") != f.keyed(op) {
		return nil, c.errorf(left, "no field of these lists; there are %s", names(c.fields))
	}
	value, ok := literal(right)
	if !ok {
		return nil, c.errorf(right, "no value: write a word, a number, or text in quotes")
	}
	match, err := f.compile(op, key, value)
	if err != nil {
		return nil, c.errorf(e, "%v", err)
	}
	return match, nil
}

// literal returns what is written right of an operator: text in quotes, a number, or a word.
func literal(e *expr.Expr) (string, bool) {
	if word := e.GetIdentExpr(); word != nil {
		return word.GetName(), true
	}
	switch v := e.GetConstExpr().GetConstantKind().(type) {
	case *expr.Constant_StringValue:
		return v.StringValue, true
	case *expr.Constant_Int64Value:
		return fmt.Sprint(v.Int64Value), true
	}
	return "", false
}
