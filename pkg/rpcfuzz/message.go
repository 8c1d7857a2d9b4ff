package rpcfuzz

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxDepth is how deep messages lie in one another.
const maxDepth = 6

// Words are what strings are made of.
type Words struct {
	// Any may stand in every field.
	Any []string
	// ByField are those that make sense in fields of a name, such as "parent". A field that is named without words, such as a
	// message, is one that requests need to make sense.
	ByField map[string][]string
	// ByMethod are those that make sense in fields of a name in the requests of some rpcs: of those whose names end so. The
	// longest such end counts, and they come before ByField.
	ByMethod map[string]map[string][]string
	// Told are the fields whose text errors may repeat, such as a path: nothing of Config.Hidden stands in them.
	Told []string
}

// of returns what makes sense in a field of an rpc's request; nil where nothing is known.
func (w Words) of(method, field string) []string {
	words, longest := w.ByField[field], -1
	for suffix, fields := range w.ByMethod {
		if len(fields[field]) > 0 && len(suffix) > longest && strings.HasSuffix(method, suffix) {
			words, longest = fields[field], len(suffix)
		}
	}
	return words
}

// generator fills messages: mostly with what makes sense, so that calls get far, and at every place sometimes with what
// does not.
type generator struct {
	*rand.Rand
	words   Words
	hidden  []string
	learned []string
	// method is the rpc that is called, and tame says that its request is to make sense.
	method string
	tame   bool
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// fill sets fields of a message.
func (g *generator) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case depth > maxDepth || g.leaveOut(f, depth):
		case f.IsMap():
			for range g.length() {
				value := m.Mutable(f).Map().NewValue()
				if f.MapValue().Message() != nil {
					g.fill(value.Message(), depth+1)
				} else {
					value = g.scalar(f.MapValue())
				}
				m.Mutable(f).Map().Set(g.scalar(f.MapKey()).MapKey(), value)
			}
		case f.IsList():
			for range g.length() {
				if f.Message() != nil {
					g.fill(m.Mutable(f).List().AppendMutable().Message(), depth+1)
				} else {
					m.Mutable(f).List().Append(g.scalar(f))
				}
			}
		case f.Message() != nil:
			g.fill(m.Mutable(f).Message(), depth+1)
		default:
			m.Set(f, g.scalar(f))
		}
	}
}

// leaveOut says whether a field stays empty. What makes sense is there, and most of the rest is not: a request of which every
// field says something seldom means anything.
func (g *generator) leaveOut(f protoreflect.FieldDescriptor, depth int) bool {
	name := string(f.Name())
	_, needed := g.words.ByField[name]
	switch {
	case !g.tame:
		return g.oneIn(4)
	case needed || len(g.words.of(g.method, name)) > 0:
		return false
	case f.Enum() != nil:
		return g.oneIn(8)
	case f.Message() != nil && depth == 0:
		return g.oneIn(2)
	default:
		return !g.oneIn(4)
	}
}

// length is how many items a list has.
func (g *generator) length() int {
	if g.oneIn(50) && !g.tame {
		return g.IntN(300)
	}
	if g.tame {
		return pick(g, []int{1, 1, 2, 3})
	}
	return g.IntN(4)
}

func (g *generator) scalar(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(g.oneIn(2))
	case protoreflect.EnumKind:
		values := f.Enum().Values()
		if g.oneIn(8) && !g.tame {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(g.number()))
		}
		if g.tame && values.Len() > 1 { // the first says nothing
			return protoreflect.ValueOfEnum(values.Get(1 + g.IntN(values.Len()-1)).Number())
		}
		return protoreflect.ValueOfEnum(values.Get(g.IntN(values.Len())).Number())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(g.number()))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(g.number()))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(g.number())
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(g.number()))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(g.float()))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(g.float())
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(g.text(string(f.Name()))))
	default:
		return protoreflect.ValueOfString(g.text(string(f.Name())))
	}
}

func (g *generator) number() int64 {
	if g.oneIn(4) && !g.tame {
		return pick(g, []int64{-1, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 1 << 32, 1e9, 1e18, int64(g.Uint64())})
	}
	return g.Int64N(10)
}

func (g *generator) float() float64 {
	return pick(g, []float64{0, 1, 0.5, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64})
}

// text makes valid UTF-8: protobuf lets nothing else into a string.
func (g *generator) text(field string) string {
	text := g.anyText(field)
	if slices.Contains(g.words.Told, field) {
		for _, hidden := range g.hidden {
			text = strings.ReplaceAll(text, hidden, "")
		}
	}
	return text
}

func (g *generator) anyText(field string) string {
	if words := g.words.of(g.method, field); len(words) > 0 && (g.tame || !g.oneIn(5)) {
		return pick(g, words)
	}
	if g.tame {
		return pick(g, []string{"", "a", "1"})
	}
	switch g.IntN(8) {
	case 0:
		return ""
	case 1, 2:
		return pick(g, g.words.Any)
	case 3:
		if len(g.learned) > 0 {
			return pick(g, g.learned)
		}
		return pick(g, g.words.Any)
	case 4: // one that was spoiled
		word := []rune(pick(g, g.words.Any))
		if len(word) > 0 {
			word[g.IntN(len(word))] = pick(g, []rune("/-_. \x00\n\u202eüA0%{}'\"\\"))
		}
		return string(word)
	case 5:
		return pick(g, g.words.Any) + pick(g, []string{"/", "//", "/versions/latest", "/versions/-1", "\x00", " ", "/..", strings.Repeat("/x", 50)})
	case 6:
		if g.oneIn(10) {
			return strings.Repeat(pick(g, []string{"a", "ü", "\x00", "/", "teams/", "{\"a\":"}), g.IntN(20_000))
		}
		return strings.Repeat("a", g.IntN(600))
	default:
		text := make([]rune, g.IntN(12))
		for i := range text {
			if text[i] = rune(g.IntN(utf8.MaxRune + 1)); !utf8.ValidRune(text[i]) || g.oneIn(2) {
				text[i] = rune(g.IntN(128))
			}
		}
		return string(text)
	}
}

// learn keeps the strings of an answer, so that later calls name what is there.
func (g *generator) learn(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case len(g.learned) > 200 || f.IsMap():
		case f.IsList() && f.Message() != nil:
			for i := range min(v.List().Len(), 5) {
				g.learn(v.List().Get(i).Message())
			}
		case f.IsList():
		case f.Message() != nil:
			g.learn(v.Message())
		case f.Kind() == protoreflect.StringKind && len(v.String()) < 300:
			g.learned = append(g.learned, v.String())
		}
		return true
	})
}
