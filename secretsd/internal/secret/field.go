package secret

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// The ways in which a field can't be had. Neither says anything of the payload's content.
var (
	// ErrNotStructured means that the payload is not a JSON object in UTF-8.
	ErrNotStructured = errors.New("the value is not a JSON object")
	// ErrNoField means that the object has no such member.
	ErrNoField = errors.New("the JSON object has no such member")
)

// MaxField is the longest name of a field, in bytes.
const MaxField = 255

// Field returns one member of a structured payload, which is a JSON object: a string as the characters it stands for,
// any other value as its JSON text as stored. Of members with the same name the last counts. The result never shares
// memory with the payload. Errors are ErrNotStructured and ErrNoField, bare: a JSON error would quote the payload.
func Field(payload []byte, name string) ([]byte, error) {
	if !utf8.Valid(payload) {
		return nil, ErrNotStructured
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(payload, &members); err != nil || members == nil {
		return nil, ErrNotStructured
	}
	defer func() {
		for member, text := range members {
			if member != name || text[0] == '"' { // else it is what is returned
				clear(text)
			}
		}
	}()
	raw, ok := members[name]
	if !ok {
		return nil, ErrNoField
	}
	if raw[0] != '"' {
		return raw, nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, ErrNotStructured
	}
	return []byte(s), nil
}
