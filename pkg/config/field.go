package config

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"go.yaml.in/yaml/v3"
)

// Size is a number of bytes, written as a number or with a unit: "64KiB", "512MiB", "10GB".
type Size int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *Size) UnmarshalYAML(node *yaml.Node) error {
	n, err := parseSize(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*s = n
	return nil
}

// String writes the size with a unit.
func (s Size) String() string { return strings.ReplaceAll(humanize.IBytes(uint64(max(s, 0))), " ", "") }

func parseSize(text string) (Size, error) {
	n, err := humanize.ParseBytes(text)
	if err != nil || n > 1<<62 {
		return 0, fmt.Errorf("%q is no size: write a number of bytes, or one with KiB, MiB or GiB", text)
	}
	return Size(n), nil
}

// field is one setting: a leaf of the Config struct.
type field struct {
	path  []string // of yaml keys
	usage string
	value reflect.Value
}

// fieldsOf returns the leaves of the struct that cfg points to, in order.
func fieldsOf(cfg any) ([]field, error) {
	v := reflect.ValueOf(cfg)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: Load wants a pointer to a struct, not %T", cfg)
	}
	return appendFields(nil, v.Elem(), nil)
}

func appendFields(fields []field, v reflect.Value, path []string) ([]field, error) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		key, _, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		if key == "-" {
			continue
		}
		if key == "" {
			return nil, fmt.Errorf("config: field %s of %s has no yaml tag", sf.Name, v.Type())
		}
		here := append(append([]string(nil), path...), key)
		if sf.Type.Kind() == reflect.Struct {
			var err error
			if fields, err = appendFields(fields, v.Field(i), here); err != nil {
				return nil, err
			}
			continue
		}
		usage := sf.Tag.Get("usage")
		if usage == "" {
			return nil, fmt.Errorf("config: field %s of %s has no usage tag", sf.Name, v.Type())
		}
		fields = append(fields, field{path: here, usage: usage, value: v.Field(i)})
	}
	return fields, nil
}

func (f field) flag() string { return strings.ReplaceAll(strings.Join(f.path, "-"), "_", "-") }
func (f field) env() string  { return strings.ToUpper(strings.Join(f.path, "_")) }
func (f field) isBool() bool { return f.value.Kind() == reflect.Bool }

func (f field) typeName() string {
	switch f.value.Interface().(type) {
	case time.Duration:
		return "duration"
	case Size:
		return "size"
	case []string:
		return "list"
	case bool:
		return "bool"
	case string:
		return "string"
	case float64:
		return "number"
	}
	if f.isMap() {
		return "YAML map"
	}
	return "int"
}

func (f field) isMap() bool { return f.value.Kind() == reflect.Map }

// String writes the field's value as set would read it.
func (f field) String() string {
	if list, ok := f.value.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	if f.isMap() && f.value.Len() == 0 {
		return ""
	}
	return fmt.Sprint(f.value.Interface())
}

// set reads a value from the environment or the command line.
func (f field) set(text string) error {
	if f.isMap() {
		return f.setMap(text)
	}
	switch f.value.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is no duration: write one like 90s, 10m or 24h", text)
		}
		f.value.SetInt(int64(d))
	case Size:
		n, err := parseSize(text)
		if err != nil {
			return err
		}
		f.value.SetInt(int64(n))
	case []string:
		f.value.Set(reflect.ValueOf(splitList(text)))
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		f.value.SetBool(b)
	case string:
		f.value.SetString(text)
	case float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%q is no number", text)
		}
		f.value.SetFloat(n)
	case int, int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		f.value.SetInt(n)
	default:
		return fmt.Errorf("config: type %s can't be set from text", f.value.Type())
	}
	return nil
}

// setMap replaces a map by one in YAML, as the file has it: "{a: {max: 3}}". Unknown keys in it are errors, as in the file.
func (f field) setMap(text string) error {
	fresh := reflect.New(f.value.Type())
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(fresh.Interface()); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%q is no YAML map for this: %w", text, err)
	}
	f.value.Set(fresh.Elem())
	return nil
}

func splitList(text string) []string {
	var list []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
