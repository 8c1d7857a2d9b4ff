// Package oidc says whether an OIDC token is what it claims to be: signed by one of the issuers that the operator allows,
// and valid now. What the token may do here is a trust's matter; Meets says whether it is one that the trust means.
//
// It makes requests to the allowed issuers and to nobody else, whatever a token says.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/casemate/casemate/pkg/errdefs"
)

// ReasonInvalid is the reason of an error about a token that is no good, whatever it is for.
const ReasonInvalid = "OIDC_TOKEN_INVALID"

// MaxToken is the longest token, in bytes.
const MaxToken = 16 << 10

// maxSubject is the longest subject, in bytes, as OpenID Connect has it: it is kept with each key, and in the audit log.
const maxSubject = 255

// leeway is how far a token's times may be ahead of this clock.
const leeway = time.Minute

// algorithms are those that a token may be signed by: with a private key, which nobody but the issuer has. "none" and those
// of shared secrets, for which a public key could be mistaken, are not among them.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512, jose.PS256, jose.PS384, jose.PS512, jose.EdDSA,
}

// Config says whose tokens are verified.
type Config struct {
	// Issuers are the URLs of the issuers, as in their tokens' `iss`.
	Issuers []string
	// CAFile is a PEM file of authorities that the issuers' certificates may come from besides the system's; empty: none.
	CAFile string
	// Now tells the time.
	Now func() time.Time
}

// Verifier verifies tokens. It is safe for concurrent use. A nil one allows no issuer.
type Verifier struct {
	now     func() time.Time
	issuers map[string]*issuer
}

// CheckIssuer returns an error unless an issuer is an https URL of the form that tokens have.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil:
		return err
	case u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q is not an https URL", issuer)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q has more than a host and a path", issuer)
	}
	return nil
}

// New returns a Verifier. It makes no request yet.
func New(cfg Config) (*Verifier, error) {
	client, err := newClient(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	v := &Verifier{now: cfg.Now, issuers: map[string]*issuer{}}
	for _, i := range cfg.Issuers {
		if err := CheckIssuer(i); err != nil {
			return nil, err
		}
		v.issuers[i] = &issuer{url: i, client: client, now: cfg.Now}
	}
	return v, nil
}

// Allows says whether tokens of an issuer are verified.
func (v *Verifier) Allows(issuer string) bool {
	return v != nil && v.issuers[issuer] != nil
}

// Token is a token that is what it claims to be. Whom it was made for has not been looked at.
type Token struct {
	Issuer, Subject string
	Audience        []string
	// ID is the token's own, its jti; empty where it has none.
	ID      string
	Expires time.Time

	claims map[string]any
}

// Verify returns the token's claims. The error is Unauthenticated (OIDC_TOKEN_INVALID) and says what is wrong, or
// Unavailable (OIDC_ISSUER_UNAVAILABLE) when the issuer's keys can't be had.
func (v *Verifier) Verify(ctx context.Context, raw string) (Token, error) {
	if len(raw) > MaxToken {
		return Token{}, invalid(nil, "the token has %d bytes, and %d is the most", len(raw), MaxToken)
	}
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return Token{}, invalid(err, "the token is not a JWT that is signed by a private key, in its compact form")
	}
	var unverified struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &unverified); err != nil {
		return Token{}, invalid(err, "the token's claims are not a JSON object")
	}
	if !v.Allows(unverified.Issuer) {
		return Token{}, invalid(nil, "the token is not from an issuer that this secretsd allows")
	}
	payload, err := v.issuers[unverified.Issuer].verify(ctx, signed)
	if err != nil {
		return Token{}, err
	}
	return v.check(ctx, unverified.Issuer, raw, payload)
}

// check has go-oidc look at a token whose signature is right.
func (v *Verifier) check(ctx context.Context, issuer, raw string, payload []byte) (Token, error) {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = string(a)
	}
	// Whom it is for is a trust's matter.
	verifier := oidc.NewVerifier(issuer, verified(payload), &oidc.Config{
		SkipClientIDCheck: true, SupportedSigningAlgs: names, Now: v.now,
	})
	id, err := verifier.Verify(ctx, raw)
	var expired *oidc.TokenExpiredError
	if errors.As(err, &expired) {
		return Token{}, invalid(err, "the token is expired")
	}
	if err != nil {
		return Token{}, invalid(err, "the token's claims are not those of an OIDC token, or it is not valid yet")
	}
	if len(id.Subject) > maxSubject {
		return Token{}, invalid(nil, "the token's subject has %d bytes, and %d is the most", len(id.Subject), maxSubject)
	}
	t := Token{Issuer: id.Issuer, Subject: id.Subject, Audience: id.Audience, Expires: id.Expiry}
	decoder := json.NewDecoder(strings.NewReader(string(payload)))
	decoder.UseNumber() // so that a number is compared as it was written
	if err := decoder.Decode(&t.claims); err != nil {
		return Token{}, invalid(err, "the token's claims are not a JSON object")
	}
	var times struct {
		NotBefore float64 `json:"nbf"`
		IssuedAt  float64 `json:"iat"`
		ID        string  `json:"jti"`
	}
	if err := json.Unmarshal(payload, &times); err != nil {
		return Token{}, invalid(err, "the token's nbf, iat or jti is of another type")
	}
	limit := float64(v.now().Add(leeway).Unix())
	if times.NotBefore > limit || times.IssuedAt > limit {
		return Token{}, invalid(nil, "the token is not valid yet")
	}
	t.ID = times.ID
	return t, nil
}

// verified is the payload of a token whose signature was found right.
type verified []byte

// VerifySignature implements oidc.KeySet.
func (v verified) VerifySignature(context.Context, string) ([]byte, error) { return v, nil }

func invalid(cause error, format string, args ...any) error {
	return errdefs.New(errdefs.Unauthenticated, ReasonInvalid, format, args...).WithCause(cause)
}
