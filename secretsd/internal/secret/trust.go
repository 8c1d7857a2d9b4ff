package secret

import (
	"regexp"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// MaxExchangedTTL is the longest that a key lives which a token was exchanged for.
const MaxExchangedTTL = time.Hour

// MinExchangedTTL is the shortest that a trust can say.
const MinExchangedTTL = time.Minute

// OIDCTrust says which tokens of an OIDC issuer stand for a member of a team.
type OIDCTrust struct {
	Team, ID string
	// Issuer and Audience are the token's, exactly; the audience is its only one.
	Issuer, Audience string
	// Subject is the Pattern of the token's subject.
	Subject string
	// Claims are patterns of other claims, by the path to each.
	Claims map[string]string
	// UserID is the member that the tokens stand for.
	UserID string
	Scopes []identity.Scope
	// MaxTTL is the longest that a key lives.
	MaxTTL time.Duration
	// Reusable lets a token be exchanged more than once.
	Reusable bool
	// Personal says that its keys are, as in identity.Caller: the user or an owner made the trust.
	Personal    bool
	Description string
	CreateTime  time.Time
}

// Pattern is what a claim must be: `*` stands for any characters but `/` and `:`, `**` for any at all, all else for itself.
type Pattern string

// Matches says whether the whole text fits.
func (p Pattern) Matches(text string) bool {
	if !strings.Contains(string(p), "*") {
		return text == string(p)
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i, part := range strings.Split(string(p), "**") {
		if i > 0 {
			b.WriteString(`.*`)
		}
		for j, literal := range strings.Split(part, "*") {
			if j > 0 {
				b.WriteString(`[^/:]*`)
			}
			b.WriteString(regexp.QuoteMeta(literal))
		}
	}
	b.WriteString(`\z`)
	// Quoted literals are always an expression, unless they are not UTF-8: those fit nothing.
	e, err := regexp.Compile(b.String())
	return err == nil && e.MatchString(text)
}

// CheckPattern refuses a pattern that says nothing: one of wildcards and separators only.
func CheckPattern(field, text string) error {
	if strings.Trim(text, "*/:") == "" {
		return errdefs.InvalidField(field, "must say more than wildcards: it would let everybody in whom the issuer gives tokens to")
	}
	return nil
}

// ClaimPath returns the names that lead to a claim, outermost first.
func ClaimPath(path string) []string {
	names := strings.Split(path, "/")
	for i, n := range names {
		names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(n)
	}
	return names
}

// CheckClaimPath refuses a path with an empty name in it.
func CheckClaimPath(field, path string) error {
	for _, n := range ClaimPath(path) {
		if n == "" {
			return errdefs.InvalidField(field, "has an empty part: a / of the claim's own name is written ~1")
		}
	}
	return nil
}
