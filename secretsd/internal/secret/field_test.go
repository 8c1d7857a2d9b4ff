package secret_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

func TestField(t *testing.T) {
	for _, test := range []struct {
		name, payload, field, want string
		err                        error
	}{
		{name: "string", payload: `{"user":"ada","password":"p\"\u00e4\n"}`, field: "password", want: "p\"ä\n"},
		{name: "empty string", payload: `{"a":""}`, field: "a", want: ""},
		{name: "empty name", payload: `{"":"x"}`, field: "", want: "x"},
		{name: "number as written", payload: `{"port": 5432.00 }`, field: "port", want: "5432.00"},
		{name: "big number as written", payload: `{"n":123456789012345678901234567890}`, field: "n", want: "123456789012345678901234567890"},
		{name: "true", payload: `{"on":true}`, field: "on", want: "true"},
		{name: "null", payload: `{"n":null}`, field: "n", want: "null"},
		{name: "object as written", payload: `{"o": {"b": 1,  "a":[ ] }}`, field: "o", want: `{"b": 1,  "a":[ ] }`},
		{name: "last of two", payload: `{"a":"1","a":"2"}`, field: "a", want: "2"},
		{name: "white space around", payload: " \n{\"a\":\"1\"}\n", field: "a", want: "1"},
		{name: "case counts", payload: `{"A":"1"}`, field: "a", err: secret.ErrNoField},
		{name: "missing", payload: `{}`, field: "a", err: secret.ErrNoField},
		{name: "nested is not reached", payload: `{"a":{"b":"1"}}`, field: "a.b", err: secret.ErrNoField},
		{name: "array", payload: `["a"]`, field: "a", err: secret.ErrNotStructured},
		{name: "null payload", payload: `null`, field: "a", err: secret.ErrNotStructured},
		{name: "string payload", payload: `"a"`, field: "a", err: secret.ErrNotStructured},
		{name: "not JSON", payload: `hf_token`, field: "a", err: secret.ErrNotStructured},
		{name: "two values", payload: `{"a":"1"}{"a":"2"}`, field: "a", err: secret.ErrNotStructured},
		{name: "empty", payload: ``, field: "a", err: secret.ErrNotStructured},
		{name: "not UTF-8", payload: "{\"a\":\"\xff\"}", field: "a", err: secret.ErrNotStructured},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := secret.Field([]byte(test.payload), test.field)
			if !errors.Is(err, test.err) || string(got) != test.want {
				t.Errorf("Field(%s, %s) = %q, %v; want %q, %v", test.payload, test.field, got, err, test.want, test.err)
			}
		})
	}
}

func TestFieldDoesNotShareMemory(t *testing.T) {
	payload := []byte(`{"a":"secret","b":[1]}`)
	for _, name := range []string{"a", "b"} {
		got, err := secret.Field(payload, name)
		if err != nil {
			t.Fatal(err)
		}
		before := string(got)
		clear(payload)
		if string(got) != before {
			t.Errorf("field %s changed with its payload", name)
		}
		payload = []byte(`{"a":"secret","b":[1]}`)
	}
}

func FuzzField(f *testing.F) {
	for _, payload := range []string{`{"a":"b"}`, `{"a":[1,2]}`, `{"a":1}`, `[]`, `{"a":"\ud800"}`, `null`, "\xff", `{"a"`} {
		f.Add([]byte(payload), "a")
	}
	f.Fuzz(func(t *testing.T, payload []byte, name string) {
		got, err := secret.Field(payload, name)
		if err != nil {
			// The error is one of two sentences: it can't quote the payload.
			if err != secret.ErrNoField && err != secret.ErrNotStructured {
				t.Fatalf("error %v", err)
			}
			return
		}
		var want map[string]any
		if err := json.Unmarshal(payload, &want); err != nil {
			t.Fatalf("a field of what is not JSON: %v", err)
		}
		if s, ok := want[name].(string); ok {
			if string(got) != s {
				t.Fatalf("got %q, want %q", got, s)
			}
		} else if !json.Valid(got) {
			t.Fatalf("got %q, which is not JSON", got)
		}
		if !utf8.Valid(got) {
			t.Fatalf("got %q, which is not UTF-8", got)
		}
	})
}
