// Package resource reads and writes resource names: teams/{team}, teams/{team}/secrets/{secret} and so on, and knows
// what an id may look like. It is pure; its errors are InvalidField errors that say which part of the name is wrong.
package resource

import "strconv"

// Latest is the version that means the newest one that is not destroyed.
const Latest = "latest"

// AnyTeam stands for a team that the request does not say, where that is allowed.
const AnyTeam = "-"

// AllTeams is the parent that means every team, where an operator may ask for that.
const AllTeams = "teams/" + AnyTeam

// The collections in a name.
const (
	teams     = "teams"
	members   = "members"
	apiKeys   = "apiKeys"
	secrets   = "secrets"
	versions  = "versions"
	grants    = "grants"
	sandboxes = "sandboxes"
	trusts    = "oidcTrusts"
)

// Team names teams/{team}.
type Team struct{ Team string }

// Member names teams/{team}/members/{user}.
type Member struct{ Team, User string }

// APIKey names teams/{team}/apiKeys/{key}.
type APIKey struct{ Team, Key string }

// OIDCTrust names teams/{team}/oidcTrusts/{trust}.
type OIDCTrust struct{ Team, Trust string }

// Secret names teams/{team}/secrets/{secret}.
type Secret struct{ Team, Secret string }

// SecretVersion names teams/{team}/secrets/{secret}/versions/{version}.
type SecretVersion struct {
	Team, Secret string
	// Version is a positive number without leading zeros, Latest, or an alias.
	Version string
}

// SecretGrant names teams/{team}/secrets/{secret}/grants/{grant}.
type SecretGrant struct{ Team, Secret, Grant string }

// Sandbox names teams/{team}/sandboxes/{sandbox}. Ids of sandboxes are unique, so Team may be AnyTeam.
type Sandbox struct{ Team, Sandbox string }

// String returns the name.
func (n Team) String() string { return teams + "/" + n.Team }

// String returns the name.
func (n Member) String() string { return Team{n.Team}.String() + "/" + members + "/" + n.User }

// String returns the name.
func (n APIKey) String() string { return Team{n.Team}.String() + "/" + apiKeys + "/" + n.Key }

// String returns the name.
func (n OIDCTrust) String() string { return Team{n.Team}.String() + "/" + trusts + "/" + n.Trust }

// String returns the name.
func (n Secret) String() string { return Team{n.Team}.String() + "/" + secrets + "/" + n.Secret }

// String returns the name.
func (n SecretVersion) String() string {
	return Secret{n.Team, n.Secret}.String() + "/" + versions + "/" + n.Version
}

// String returns the name.
func (n SecretGrant) String() string {
	return Secret{n.Team, n.Secret}.String() + "/" + grants + "/" + n.Grant
}

// String returns the name.
func (n Sandbox) String() string { return Team{n.Team}.String() + "/" + sandboxes + "/" + n.Sandbox }

// Number returns the version's number; 0 for Latest and for an alias.
func (n SecretVersion) Number() int64 {
	v, err := strconv.ParseInt(n.Version, 10, 64)
	if err != nil {
		return 0
	}
	return v
}

// Alias returns the version's alias; empty for a number and for Latest.
func (n SecretVersion) Alias() string {
	if n.Version == Latest || n.Number() != 0 {
		return ""
	}
	return n.Version
}
