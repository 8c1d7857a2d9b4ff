package oidc

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// Meets returns nil when a token is one of those that a trust means, or why it is not, for the log.
func Meets(t secret.OIDCTrust, token Token) error {
	if token.Issuer != t.Issuer {
		return fmt.Errorf("the issuer is %q, and the trust wants %q", token.Issuer, t.Issuer)
	}
	// Whoever else the token is for could use it here.
	if len(token.Audience) != 1 || token.Audience[0] != t.Audience {
		return fmt.Errorf("the audience is %q, and the trust wants %q alone", token.Audience, t.Audience)
	}
	// Who asked for the token (azp), where the issuer says so, must be the audience itself, or be named by the trust.
	if _, named := t.Claims["azp"]; !named {
		if azp, there := token.claim([]string{"azp"}); there && !slices.Equal(azp, []string{t.Audience}) {
			return fmt.Errorf("the authorized party (azp) is %q, and the trust does not name it", azp)
		}
	}
	if !secret.Pattern(t.Subject).Matches(token.Subject) {
		return fmt.Errorf("the subject is %q, and the trust wants %q", token.Subject, t.Subject)
	}
	for _, path := range slices.Sorted(maps.Keys(t.Claims)) {
		values, _ := token.claim(secret.ClaimPath(path))
		if !slices.ContainsFunc(values, secret.Pattern(t.Claims[path]).Matches) {
			return fmt.Errorf("the claim %q is %q, and the trust wants %q", path, values, t.Claims[path])
		}
	}
	return nil
}

// claim returns the values of a claim as texts: several of an array, none of an object or null.
func (t Token) claim(path []string) (values []string, there bool) {
	var at any = t.claims
	for _, name := range path {
		object, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, there = object[name]; !there {
			return nil, false
		}
	}
	list, ok := at.([]any)
	if !ok {
		list = []any{at}
	}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			values = append(values, v)
		case json.Number:
			values = append(values, v.String())
		case bool:
			values = append(values, fmt.Sprint(v))
		}
	}
	return values, true
}
